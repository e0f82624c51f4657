//! The console's API as a supervisor's browser uses it.

use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::PlayError;

/// A signed-in supervisor.
pub(crate) struct Desk {
    base: String,
    client: reqwest::Client,
    runtime: Runtime,
    session: String,
    login: (String, String),
}

impl Desk {
    /// Signs in at the platform with this base address.
    pub(crate) fn sign_in(base: &str, name: &str, password: &str) -> Result<Self, PlayError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PlayError::io)?;
        // reqwest wants a provider even for plain loopback; installed twice, the first one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(PlayError::api)?;
        let login = (name.to_owned(), password.to_owned());
        let mut desk = Self {
            base: base.to_owned(),
            client,
            runtime,
            session: String::new(),
            login,
        };
        desk.sign_in_again()?;
        Ok(desk)
    }

    /// Signs in again: simulated days end a session.
    pub(crate) fn sign_in_again(&mut self) -> Result<(), PlayError> {
        let (name, password) = &self.login;
        let body = serde_json::json!({ "name": name, "password": password });
        let answer = self.call(self.client.post(format!("{}/api/login", self.base)), Some(&body))?;
        self.session = answer.session.ok_or(PlayError::Plan(
            "登录没有得到会话 / a log-in that gave no session",
        ))?;
        Ok(())
    }

    /// The JSON at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Value, PlayError> {
        Ok(self
            .call(self.client.get(format!("{}{path}", self.base)), None)?
            .json)
    }

    /// The bytes at a path.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>, PlayError> {
        let request = self
            .client
            .get(format!("{}{path}", self.base))
            .header(COOKIE, &self.session);
        self.runtime.block_on(async {
            let answer = request.send().await.map_err(PlayError::api)?;
            if !answer.status().is_success() {
                return Err(PlayError::Api(format!("{path}: {}", answer.status())));
            }
            Ok(answer.bytes().await.map_err(PlayError::api)?.to_vec())
        })
    }

    /// Sends JSON to a path.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, PlayError> {
        Ok(self
            .call(self.client.post(format!("{}{path}", self.base)), Some(body))?
            .json)
    }

    /// Every item of a list that answers `{total, items}`.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<Value>, PlayError> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        loop {
            let page = self.get(&format!("{path}{join}offset={}&limit=500", items.len()))?;
            let got = page["items"].as_array().cloned().unwrap_or_default();
            let done = got.is_empty();
            items.extend(got);
            if done || items.len() as u64 >= page["total"].as_u64().unwrap_or(0) {
                return Ok(items);
            }
        }
    }

    fn call(&self, request: reqwest::RequestBuilder, body: Option<&Value>) -> Result<Answer, PlayError> {
        let mut request = request
            .header("x-grid-console", "1")
            .header(COOKIE, &self.session);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        self.runtime.block_on(async {
            let answer = request.send().await.map_err(PlayError::api)?;
            let (status, path) = (answer.status(), answer.url().path().to_owned());
            let cookie = answer
                .headers()
                .get(SET_COOKIE)
                .and_then(|value| value.to_str().ok());
            let session = cookie
                .and_then(|cookie| cookie.split(';').next())
                .map(str::to_owned);
            let text = answer.text().await.map_err(PlayError::api)?;
            if !status.is_success() {
                return Err(PlayError::Api(format!("{path}: {status} {text}")));
            }
            let json =
                serde_json::from_str(&text).map_err(|error| PlayError::Api(format!("{path}: {error}")))?;
            Ok(Answer { json, session })
        })
    }
}

struct Answer {
    json: Value,
    session: Option<String>,
}
