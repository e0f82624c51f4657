//! The table of routes, from which the router is built.

use std::error::Error;
use std::fmt;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{self, MethodRouter};

use super::Access;
use super::admit::{Rule, admit};
use crate::{Platform, Sentence};

/// Most bytes of a request that has no reason to be larger.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A route that does not say who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    method: Method,
    path: &'static str,
}

impl Undeclared {
    /// What happened and what to do.
    pub fn sentence(&self) -> Sentence {
        let Self { method, path } = self;
        Sentence::new(
            format!(
                "路由 {method} {path} 没有声明谁可以调用，平台不启动；请在 router.rs 为它写上 .access(…)。"
            ),
            format!(
                "the route {method} {path} does not declare who may call it, so the platform does not start; give it `.access(…)` in router.rs."
            ),
        )
    }
}

impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for Undeclared {}

/// One route: what is called how, by whom, with how much.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Option<Access>,
    body_bytes_max: usize,
    handler: MethodRouter<Platform>,
}

impl Route {
    fn of(method: Method, path: &'static str, handler: MethodRouter<Platform>) -> Self {
        Self {
            method,
            path,
            access: None,
            body_bytes_max: BODY_BYTES_MAX,
            handler,
        }
    }

    /// Declares who may call.
    pub(crate) fn access(self, access: Access) -> Self {
        Self {
            access: Some(access),
            ..self
        }
    }

    /// Declares how large a body may be, where it may be larger than usual.
    pub(crate) fn body_bytes_max(self, body_bytes_max: usize) -> Self {
        Self {
            body_bytes_max,
            ..self
        }
    }
}

macro_rules! verbs {
    ($($name:ident $METHOD:ident),*) => { $(
        /// A route for this method.
        pub(crate) fn $name<H: Handler<T, Platform>, T: 'static>(path: &'static str, handler: H) -> Route {
            Route::of(Method::$METHOD, path, routing::$name(handler))
        }
    )* };
}
verbs!(get GET, post POST, head HEAD, patch PATCH, delete DELETE, options OPTIONS);

/// All routes of the platform.
pub(crate) struct Routes(Vec<Route>);

impl Routes {
    pub(crate) fn of(routes: impl IntoIterator<Item = Route>) -> Self {
        Self(routes.into_iter().collect())
    }

    /// Every route as declared, for the documentation and its test.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// The router, once every route has said who may call it.
    pub(crate) fn build(self, platform: &Platform) -> Result<Router<Platform>, Undeclared> {
        let mut router = Router::new();
        for (rule, handler) in self.declared()? {
            let path = rule.path;
            let guarded = handler.route_layer(from_fn_with_state((platform.clone(), rule), admit));
            router = router.route(path, guarded);
        }
        Ok(router)
    }

    /// Every route with its rule, or the first one without.
    fn declared(self) -> Result<Vec<(Rule, MethodRouter<Platform>)>, Undeclared> {
        let ruled = |route: Route| {
            let Route {
                method,
                path,
                access,
                body_bytes_max,
                handler,
            } = route;
            match access {
                Some(access) => Ok((
                    Rule {
                        method,
                        path,
                        access,
                        body_bytes_max,
                    },
                    handler,
                )),
                None => Err(Undeclared { method, path }),
            }
        };
        self.0.into_iter().map(ruled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_declares_nothing_is_named_and_keeps_the_platform_from_starting() {
        let open = Access::Open("for a test");
        let routes = || {
            [
                get("/open", || async {}).access(open),
                post("/forgotten", || async {}),
            ]
        };
        let [declared, _] = routes();
        assert!(Routes::of([declared]).declared().is_ok());
        let undeclared = Routes::of(routes()).declared().map(|_| ()).unwrap_err();
        let sentence = undeclared.sentence();
        assert!(
            sentence
                .en
                .starts_with("the route POST /forgotten does not declare who may call it"),
            "{}",
            sentence.en
        );
        assert!(sentence.zh.contains("POST /forgotten"), "{}", sentence.zh);
    }
}
