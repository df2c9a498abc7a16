//! The list of all rules, and one file for each that looks at something.

mod added_capability;
mod autoscaler_without_request;
mod blast_radius_exceeded;
mod blocked_drain;
mod broken_value;
mod capacity_exceeded;
mod cluster_scoped_resource;
mod committed_secret;
mod deletion_budget_exceeded;
mod directory_name_mismatch;
mod duplicate_autoscaler;
mod duplicate_code;
mod duplicate_config_key;
mod duplicate_ingress_path;
mod duplicate_name;
mod duplicate_object;
mod duplicate_port;
mod empty_external_secret;
mod environment_not_allowed;
mod expired_waiver;
mod forbidden_image_tag;
mod foreign_namespace;
mod frozen_environment;
mod host_access;
mod host_handed_over;
mod ignore_without_reason;
mod image_left_behind;
mod image_not_pinned;
mod image_registry_not_allowed;
mod image_without_tag;
mod immutable_field_changed;
mod incomplete_route;
mod incomplete_route_stage;
mod ineffective_patch;
mod inverted_period;
mod inverted_range;
mod legacy_host_on_new_api;
mod level_exceeded;
mod lifecycle_notice;
mod lifecycle_step_skipped;
mod literal_secret;
mod misplaced_file;
mod misplaced_key;
mod missing_backend;
mod missing_config_key;
mod missing_file;
mod missing_gateway;
mod missing_health_check;
mod missing_image;
mod missing_lifecycle_key;
mod missing_limit;
mod missing_network_source;
mod missing_patch_path;
mod missing_probe;
mod missing_request;
mod missing_scale_target;
mod missing_schedule;
mod missing_service_name;
mod missing_unified_host;
mod misspelt_name;
mod name_too_long;
mod namespace_moved;
mod namespace_not_allowed;
mod older_image;
mod overlapping_budget;
mod overruled_image;
mod passthrough_not_allowed;
mod patched_identity;
mod privilege_escalation;
mod privileged_container;
mod probe_without_handler;
mod refused_object;
mod removed_api;
mod removed_api_version;
mod removed_config_key;
mod removed_environment;
mod removed_service_port;
mod replicas_handed_over;
mod replicas_under_autoscaler;
mod request_above_limit;
mod reserved_label;
mod resource_behind_service;
mod resource_kind_not_allowed;
mod resources_above_tier;
mod root_user;
mod route_claimed_twice;
mod route_stage_skipped;
mod route_without_service;
mod selector_changed;
mod selector_mismatch;
mod selector_overlap;
mod selector_without_pods;
mod server_warning;
mod shadowed_route;
mod shared_selector;
mod spread_without_pods;
mod strategy_not_available;
mod stuck_rollout;
mod sunset_past;
mod too_few_replicas;
mod too_many_replicas;
mod unbuildable_text;
mod undeclared_target_port;
mod unknown_api;
mod unknown_backend_port;
mod unknown_code;
mod unknown_environment;
mod unknown_lifecycle;
mod unknown_metric_container;
mod unknown_patch_target;
mod unknown_placeholder;
mod unknown_port;
mod unknown_required_key;
mod unknown_rule;
mod unknown_secret_key;
mod unknown_secret_store;
mod unknown_target_port;
mod unknown_template_version;
mod unknown_tier;
mod unknown_volume;
mod unknown_workload;
mod unmatched_freeze;
mod unreachable_lifecycle;
mod unresolved_variable;
mod unshareable_volume;
mod unsupported_route_feature;
mod unused_file;
mod unused_ignore;
mod unused_template_version;
mod unused_waiver;
mod unwaivable_code;
mod workload_recreated;

pub use immutable_field_changed::is_replaced;
pub(super) use refused_object::CODE as REFUSED_OBJECT;

use super::{Check, Rule, hatch};
use crate::diagnostic::Code;
use crate::{exceptions, kustomize, metadata, platform, record, render, schema, snapshot, yaml};

/// All rules, in the order of the stages that raise them.
pub static RULES: &[Rule] = &[
    // Reading a file.
    reading(&snapshot::codes::NON_UTF8_PATH),
    reading(&snapshot::codes::PATH_OUTSIDE_REPO),
    reading(&snapshot::codes::SYMLINK),
    reading(&snapshot::codes::UNREADABLE_FILE),
    reading(&yaml::codes::ALIAS_EXPANSION),
    reading(&yaml::codes::AMBIGUOUS_SCALAR),
    reading(&yaml::codes::DEEP_NESTING),
    reading(&yaml::codes::DUPLICATE_KEY),
    reading(&yaml::codes::EMPTY_DOCUMENT),
    reading(&yaml::codes::ENCRYPTED_FILE),
    reading(&yaml::codes::EXPLICIT_TAG),
    reading(&yaml::codes::FILE_TOO_LARGE),
    reading(&yaml::codes::INVALID_ENCODING),
    reading(&yaml::codes::MERGE_KEY),
    reading(&yaml::codes::NON_FINITE_NUMBER),
    reading(&yaml::codes::NON_STRING_KEY),
    reading(&yaml::codes::SEVERAL_DOCUMENTS),
    reading(&yaml::codes::TAB_INDENTATION),
    reading(&yaml::codes::TEMPLATE_LEFTOVER),
    reading(&yaml::codes::UNKNOWN_ALIAS),
    reading(&yaml::codes::YAML_SYNTAX),
    // Holding it against its schema.
    reading(&schema::codes::EMPTY_VALUE),
    reading(&schema::codes::UNQUOTED_TEXT),
    reading(&schema::codes::EXCLUSIVE_KEYS),
    reading(&schema::codes::INVALID_VALUE),
    reading(&schema::codes::MISSING_KEY),
    reading(&schema::codes::UNKNOWN_KEY),
    reading(&schema::codes::WRONG_TYPE),
    // Merging it with its layers.
    reading(&metadata::codes::MISSING_METADATA),
    reading(&metadata::codes::NOTHING_TO_REMOVE),
    reading(&schema::codes::ONRAMP_BUG),
    reading(&platform::codes::MISSING_PLATFORM),
    reading(&platform::codes::INVALID_EXPRESSION),
    reading(&platform::codes::EXPENSIVE_RULE),
    // Reading what it names under `patches` and `extraResources`.
    reading(&hatch::codes::INVALID_PATCH),
    reading(&hatch::codes::INVALID_RESOURCE),
    reading(&hatch::codes::INVALID_IMAGE),
    // Evaluating what is rendered.
    reading(&kustomize::codes::INVALID_KUSTOMIZATION),
    reading(&kustomize::codes::UNBUILDABLE_OVERLAY),
    reading(&kustomize::codes::UNSUPPORTED_KUSTOMIZATION_FIELD),
    // Policy.
    unknown_rule::RULE,
    duplicate_code::RULE,
    Rule { code: &super::custom::RULE_FAILURE, check: Check::Reading },
    unknown_required_key::RULE,
    misspelt_name::RULE,
    unreachable_lifecycle::RULE,
    missing_gateway::RULE,
    directory_name_mismatch::RULE,
    unknown_environment::RULE,
    unknown_tier::RULE,
    unknown_lifecycle::RULE,
    environment_not_allowed::RULE,
    missing_lifecycle_key::RULE,
    lifecycle_notice::RULE,
    unknown_template_version::RULE,
    unused_template_version::RULE,
    namespace_not_allowed::RULE,
    missing_file::RULE,
    misplaced_file::RULE,
    unused_file::RULE,
    duplicate_config_key::RULE,
    unbuildable_text::RULE,
    literal_secret::RULE,
    misplaced_key::RULE,
    missing_schedule::RULE,
    selector_mismatch::RULE,
    selector_overlap::RULE,
    duplicate_name::RULE,
    name_too_long::RULE,
    unknown_volume::RULE,
    missing_image::RULE,
    image_without_tag::RULE,
    image_registry_not_allowed::RULE,
    forbidden_image_tag::RULE,
    image_left_behind::RULE,
    image_not_pinned::RULE,
    too_few_replicas::RULE,
    too_many_replicas::RULE,
    capacity_exceeded::RULE,
    resources_above_tier::RULE,
    inverted_range::RULE,
    unknown_port::RULE,
    passthrough_not_allowed::RULE,
    probe_without_handler::RULE,
    reserved_label::RULE,
    request_above_limit::RULE,
    duplicate_port::RULE,
    route_without_service::RULE,
    stuck_rollout::RULE,
    strategy_not_available::RULE,
    unknown_workload::RULE,
    incomplete_route::RULE,
    legacy_host_on_new_api::RULE,
    incomplete_route_stage::RULE,
    unsupported_route_feature::RULE,
    missing_health_check::RULE,
    sunset_past::RULE,
    missing_unified_host::RULE,
    route_claimed_twice::RULE,
    // Escape hatches.
    unknown_patch_target::RULE,
    missing_patch_path::RULE,
    ineffective_patch::RULE,
    patched_identity::RULE,
    resource_kind_not_allowed::RULE,
    cluster_scoped_resource::RULE,
    removed_api_version::RULE,
    committed_secret::RULE,
    foreign_namespace::RULE,
    resource_behind_service::RULE,
    refused_object::RULE,
    broken_value::RULE,
    server_warning::RULE,
    duplicate_object::RULE,
    shared_selector::RULE,
    shadowed_route::RULE,
    missing_network_source::RULE,
    unknown_api::RULE,
    unknown_secret_store::RULE,
    empty_external_secret::RULE,
    unknown_placeholder::RULE,
    unknown_secret_key::RULE,
    // What is built.
    selector_without_pods::RULE,
    unknown_target_port::RULE,
    undeclared_target_port::RULE,
    unknown_backend_port::RULE,
    missing_backend::RULE,
    duplicate_ingress_path::RULE,
    missing_scale_target::RULE,
    duplicate_autoscaler::RULE,
    autoscaler_without_request::RULE,
    unknown_metric_container::RULE,
    replicas_under_autoscaler::RULE,
    missing_service_name::RULE,
    unshareable_volume::RULE,
    spread_without_pods::RULE,
    blocked_drain::RULE,
    overlapping_budget::RULE,
    missing_config_key::RULE,
    overruled_image::RULE,
    privileged_container::RULE,
    host_access::RULE,
    added_capability::RULE,
    privilege_escalation::RULE,
    root_user::RULE,
    missing_probe::RULE,
    missing_request::RULE,
    missing_limit::RULE,
    unresolved_variable::RULE,
    // Waivers and freezes.
    unknown_code::RULE,
    unwaivable_code::RULE,
    expired_waiver::RULE,
    unused_waiver::RULE,
    ignore_without_reason::RULE,
    unused_ignore::RULE,
    Rule { code: &exceptions::FIXED_BASELINE_ENTRY, check: Check::Comparing },
    inverted_period::RULE,
    unmatched_freeze::RULE,
    // Rendering.
    reading(&record::INVALID_RECORD),
    reading(&render::codes::FOREIGN_FILE),
    reading(&render::codes::TEMPLATE_FAILURE),
    reading(&render::codes::UNKNOWN_TEMPLATE),
    reading(&render::codes::UNSAFE_TEMPLATE),
    // What changes.
    Rule { code: &render::codes::STALE_RENDER, check: Check::Comparing },
    Rule { code: &record::UNFULFILLABLE_REQUEST, check: Check::Comparing },
    selector_changed::RULE,
    immutable_field_changed::RULE,
    workload_recreated::RULE,
    namespace_moved::RULE,
    replicas_handed_over::RULE,
    host_handed_over::RULE,
    removed_config_key::RULE,
    removed_service_port::RULE,
    removed_api::RULE,
    removed_environment::RULE,
    lifecycle_step_skipped::RULE,
    route_stage_skipped::RULE,
    older_image::RULE,
    frozen_environment::RULE,
    level_exceeded::RULE,
    deletion_budget_exceeded::RULE,
    blast_radius_exceeded::RULE,
];

const fn reading(code: &'static Code) -> Rule {
    Rule { code, check: Check::Reading }
}
