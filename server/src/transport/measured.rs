//! How long requests take.

use std::{sync::Arc, time::Instant};

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
    web,
};

use super::http::State;
use crate::metrics::Metrics;

/// What no route is for.
const OTHER: &str = "other";

/// A request that is being answered.
pub(super) struct Measured {
    metrics: Option<Arc<Metrics>>,
    since: Instant,
}

impl Measured {
    /// It came.
    pub(super) fn begin(request: &ServiceRequest) -> Self {
        let state = request.app_data::<web::Data<State>>();
        let metrics = state.map(|state| state.services.metrics.clone());
        Self { metrics, since: Instant::now() }
    }

    /// Its answer begins. Routes are named by their patterns, of which there are as many as there are routes.
    pub(super) fn end<B>(self, answer: &Result<ServiceResponse<B>, Error>) {
        let Some(metrics) = self.metrics else { return };
        let (route, status) = match answer {
            Ok(answer) => (answer.request().match_pattern(), answer.status()),
            Err(error) => (None, error.as_response_error().status_code()),
        };
        let class = match status.as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let route = route.as_deref().unwrap_or(OTHER);
        let seconds = self.since.elapsed().as_secs_f64();
        metrics.http_seconds.with_label_values(&[route, class]).observe(seconds);
    }
}
