//! Tests of what routers share.
