//! What went wrong, for a supervisor: a code for the program, two sentences for the person.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use grid_hub::DeskRefusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::BodyError;
use crate::fault::Fault;
use crate::{Sentence, words};

/// A request that was not carried out; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    field: Option<String>,
    sentence: Sentence,
    retry_after_s: Option<u32>,
}

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    error: ProblemText,
}

/// Why, for the program and for the person.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemText {
    /// Stable name of the kind of problem.
    #[schema(example = "conflict")]
    code: &'static str,
    /// The field of the request that cannot be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What happened and what to do, in Chinese.
    text_zh: String,
    /// What happened and what to do, in English.
    text_en: String,
}

impl Problem {
    pub(crate) fn of(status: StatusCode, code: &'static str, zh: &str, en: &str) -> Self {
        Self {
            status,
            code,
            field: None,
            sentence: Sentence::new(zh, en),
            retry_after_s: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        let (zh, en) = (
            "没有这一项，或不在您的管辖范围内；请返回列表重新选择。",
            "There is no such thing in your area; go back to the list and choose again.",
        );
        Self::of(StatusCode::NOT_FOUND, "not_found", zh, en)
    }

    pub(crate) fn signed_out() -> Self {
        let (zh, en) = (
            "登录已过期，没有更改任何内容；请重新登录。",
            "You are not signed in any more and nothing was changed; sign in again.",
        );
        Self::of(StatusCode::UNAUTHORIZED, "signed_out", zh, en)
    }

    pub(crate) fn not_allowed() -> Self {
        let (zh, en) = (
            "您的角色不能执行此操作，没有更改任何内容；请联系值班人员。",
            "Your role may not do this and nothing was changed; ask the duty officer.",
        );
        Self::of(StatusCode::FORBIDDEN, "not_allowed", zh, en)
    }

    pub(crate) fn not_from_console() -> Self {
        let (zh, en) = (
            "请求不是由管理页面发出，没有更改任何内容；请从管理页面操作。",
            "The request did not come from the console and nothing was changed; do it from the console.",
        );
        Self::of(StatusCode::FORBIDDEN, "not_from_console", zh, en)
    }

    pub(crate) fn wrong_login() -> Self {
        let (zh, en) = (
            "用户名或密码不正确；请核对后重试。",
            "The name or the password is wrong; check them and try again.",
        );
        Self::of(StatusCode::UNAUTHORIZED, "wrong_login", zh, en)
    }

    pub(crate) fn wait_to_log_in(wait_s: u32) -> Self {
        let zh = format!("错误次数过多；请在 {wait_s} 秒后重试。");
        let en = format!("Too many wrong tries; try again in {wait_s} seconds.");
        let problem = Self::of(StatusCode::TOO_MANY_REQUESTS, "try_later", &zh, &en);
        Self {
            retry_after_s: Some(wait_s),
            ..problem
        }
    }

    pub(crate) fn not_here_yet(phone: bool) -> Self {
        let (zh, en) = if phone {
            (
                "照片还在手机上，尚未传到平台；手机有网络时会自动上传。",
                "The photo is still on the phone; it is sent by itself when the phone has a network.",
            )
        } else {
            (
                "附件文件不在平台上；请让管理员从备份恢复 blobs 目录。",
                "The file is missing on the platform; ask the administrator to restore the blobs folder from the backup.",
            )
        };
        Self::of(StatusCode::NOT_FOUND, "not_here_yet", zh, en)
    }

    pub(crate) fn malformed(detail: &str) -> Self {
        let zh = format!("请求无法读取（{detail}），没有更改任何内容；请刷新页面后重试。");
        let en = format!(
            "The request cannot be read ({detail}) and nothing was changed; reload the page and try again."
        );
        Self::of(StatusCode::BAD_REQUEST, "malformed", &zh, &en)
    }

    /// A field that cannot be taken as it is.
    pub(crate) fn field(name: &str, zh: &str, en: &str) -> Self {
        let label = words::field_label(name);
        let (zh, en) = (format!("“{}”{zh}", label.zh), format!("“{}” {en}", label.en));
        let problem = Self::of(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &zh, &en);
        Self {
            field: Some(name.to_owned()),
            ..problem
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self {
            status,
            code,
            field,
            sentence,
            retry_after_s,
        } = self;
        let error = ProblemText {
            code,
            field,
            text_zh: sentence.zh,
            text_en: sentence.en,
        };
        let mut response = (status, Json(ProblemBody { error })).into_response();
        if let Some(wait_s) = retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

impl From<DeskRefusal> for Problem {
    fn from(refusal: DeskRefusal) -> Self {
        match refusal {
            DeskRefusal::NotFound => Self::not_found(),
            DeskRefusal::NotAllowed { .. } => Self::not_allowed(),
            DeskRefusal::NeedsHead => Self::of(
                StatusCode::FORBIDDEN,
                "needs_head",
                "此任务已延期过一次，再次延期须由所长同意，没有更改任何内容；请报所长决定。",
                "This task was given more time before, so only the station leader can give it more and nothing was changed; ask the station leader.",
            ),
            DeskRefusal::OwnWork => Self::of(
                StatusCode::FORBIDDEN,
                "own_work",
                "不能复查自己处置的任务，也不能批准自己的延期，没有更改任何内容；请由另一位人员决定。",
                "Nobody decides on his own work and nothing was changed; ask somebody else to decide.",
            ),
            DeskRefusal::Conflict { .. } => Self::of(
                StatusCode::CONFLICT,
                "conflict",
                "其他人或手机刚刚更新了此任务，您的决定没有生效；请刷新查看后再决定。",
                "Somebody else or the phone has just changed this task and your decision was not taken; look at it again, then decide.",
            ),
            DeskRefusal::NotNow { status } => {
                let label = words::status_label(status);
                let zh = format!(
                    "任务现在是“{}”，不能执行此操作，没有更改任何内容；请刷新后再看。",
                    label.zh
                );
                let en = format!(
                    "The task is {} now, so this cannot be done and nothing was changed; look at it again.",
                    label.en
                );
                Self::of(StatusCode::CONFLICT, "not_now", &zh, &en)
            }
            DeskRefusal::Invalid { field, detail } => {
                tracing::debug!(field, detail, "a field was refused");
                let zh = format!(
                    "{}，没有更改任何内容；请改正后重新提交。",
                    words::fault_zh(detail)
                );
                Self::field(
                    field,
                    &zh,
                    &format!("{detail} and nothing was changed; correct it and try again."),
                )
            }
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, code, zh, en) = match fault {
            Fault::StorageFull => (
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "平台磁盘已满，没有更改任何内容；请通知管理员腾出空间。",
                "The platform's disk is full and nothing was changed; tell the administrator to free some space.",
            ),
            Fault::Broken => (
                StatusCode::SERVICE_UNAVAILABLE,
                "try_later",
                "平台暂时无法处理，没有更改任何内容；请稍后重试，若仍如此请通知管理员。",
                "The platform cannot do this at the moment and nothing was changed; try again soon, or tell the administrator.",
            ),
        };
        Self {
            retry_after_s: Some(30),
            ..Self::of(status, code, zh, en)
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::of(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "内容过长，没有更改任何内容；请缩短后重试。",
                "The request is too long and nothing was changed; shorten it and try again.",
            ),
            BodyError::Cut => Self::malformed("the body ended early"),
        }
    }
}

/// What a problem comes to, for tests.
#[cfg(test)]
impl Problem {
    pub(crate) fn said(&self) -> (u16, &'static str, Option<&str>) {
        (self.status.as_u16(), self.code, self.field.as_deref())
    }
}
