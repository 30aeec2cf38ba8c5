//! What services have from what is known of their images.

use crate::stack::Service;
use serde::Serialize;

/// One service.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct FromImage {
    service: String,
    image: String,
    family: String,
    /// Keys that the system's file does not say.
    keys: Vec<String>,
}

/// What a service has, where it has anything.
pub(super) fn given(service: &Service) -> Option<FromImage> {
    let given = service.from_image.as_ref()?;
    Some(FromImage {
        service: service.name.to_string(),
        image: service.image.value.to_string(),
        family: given.family.clone(),
        keys: given.keys.clone(),
    })
}
