//! Why the platform sent a record back or refused a request, and why a link gave no answer.

use grid_fieldbook::LinkError;
use grid_model::terms::{ParkReason, RefusalCode};

use crate::worded::worded;
use crate::{Lang, Text, Worded};

worded! {
    ParkReason {
        UnknownTask = "平台上没有这项任务", "the platform has no such task";
        Conflict = "平台上有同号、内容不同的一条", "the platform holds another record under this number";
        Unreadable = "平台没有读懂这一条", "the platform could not read this record";
        NotHolder = "这项任务当时不在你名下", "the task was not yours at that time";
        TooLarge = "这一条内容太多", "this record is too large";
        NewerFormat = "这一条的格式比平台新", "this record is in a newer format than the platform's";
        LaneGap = "它前面还有一条没到平台", "a record before it has not reached the platform";
        Revoked = "这台设备已被停用，这一条要由人核对", "this device has been withdrawn, so a person has to check the record";
        PostingEnded = "记录的时间在你离岗之后，这一条要由人核对", "the work is of a time after your posting ended, so a person has to check the record";
    }
    RefusalCode {
        Malformed = "平台没有读懂这次请求", "the platform could not read the request";
        NewerVersion = "平台与本应用的版本对不上", "the platform and this app speak different versions";
        UnknownDevice = "平台不认得这台设备", "the platform does not know this device";
        Revoked = "这台设备已被停用", "this device has been withdrawn";
        BadSignature = "平台没有认出本机的签名", "the platform did not recognise this device's signature";
        CodeWrong = "登记码不对", "the enrolment code is not right";
        CodeUsed = "登记码已经用过", "the enrolment code was used before";
        CodeExpired = "登记码已经过期", "the enrolment code has expired";
        TryLater = "平台正忙", "the platform is busy";
        TooLarge = "内容太大，平台没有收", "too large for the platform to take";
        Fork = "平台上的记录与本机对不上", "the platform's record and this device's do not match";
        NotFound = "平台上没有要找的内容", "the platform does not have what was asked for";
        HashMismatch = "照片传到后内容对不上", "the photo did not arrive as it was taken";
        WrongOffset = "照片续传的位置对不上", "the photo's upload lost its place";
        NotGranted = "平台没有准许这次上传", "the platform did not allow this upload";
        NoKey = "平台没有打开这份副本的钥匙", "the platform has no key to this copy";
    }
}

impl Worded for LinkError {
    fn words(&self, lang: Lang) -> String {
        let text = match self {
            Self::Unreachable => Text::of("连不上平台", "the platform cannot be reached"),
            Self::NameUnknown => Text::of(
                "这个网络上找不到平台的名称",
                "this network does not know the platform's name",
            ),
            Self::NameSilent => Text::of(
                "网络的域名服务没有应答",
                "the network's name server does not answer",
            ),
            Self::NothingListens => Text::of(
                "平台的机器在，但服务没有开",
                "the platform's machine is there, but its service is not running",
            ),
            Self::CertificateTime => Text::of(
                "按本机时间，平台的证书还没生效或已过期",
                "by this phone's clock the platform's certificate is not valid yet or has expired",
            ),
            Self::Lost => Text::of("连接中断了", "the connection broke"),
            Self::WrongCertificate => Text::of(
                "对方不是登记时的平台",
                "the other side is not the platform of the enrolment",
            ),
            Self::BadAddress => Text::of("平台地址不能用", "the platform's address cannot be used"),
            Self::TooLarge => Text::of(
                "平台的回答太大，没有收",
                "the platform's answer was too large to take",
            ),
            Self::Cancelled => Text::of("已按要求停下", "stopped as asked"),
        };
        text.get(lang).to_owned()
    }
}
