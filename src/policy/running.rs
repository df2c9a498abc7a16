//! Which images run where, as far as APIs share them.

use std::sync::Arc;

use super::ApiContext;
use crate::diagnostic::Location;
use crate::image::ImageRef;
use crate::platform::Extent;

/// An image of the platform's own that a container runs.
#[derive(Clone, Debug)]
pub struct Running {
    /// The API.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// The workload, where the API has several.
    pub workload: Option<Box<str>>,
    /// What the image is built from, where metadata.yaml says it.
    pub built_from: Option<Arc<str>>,
    /// The image.
    pub image: ImageRef,
    /// Where it is written.
    pub location: Location,
}

impl Running {
    /// Returns the images of an API that another container may run as well: those that come from `images.registries` of
    /// platform.yaml. What others build is not released here.
    pub fn all(context: &ApiContext<'_>) -> Vec<Self> {
        let images = &context.platform.model.images;
        if context.extent() != Extent::Full {
            return Vec::new();
        }
        let api: Arc<str> = context.name.into();
        let built_from: Option<Arc<str>> = context.metadata.top.api.source.as_deref().map(Arc::from);
        let several = context.metadata.environments.iter().any(|here| here.merged.api.several);
        // Alone, with nobody to share it with.
        if built_from.is_none() && !several {
            return Vec::new();
        }
        let own = context.running().filter(|(_, image)| images.holds(&image.full_repository()));
        let each = own.map(|(here, image)| Self {
            api: api.clone(),
            environment: here.of.environment.name.into(),
            workload: here.of.environment.api.several.then(|| here.of.workload.name.as_str().into()),
            built_from: built_from.clone(),
            image: image.clone(),
            location: context.locate_container(&here, &["image"]),
        });
        each.collect()
    }
}
