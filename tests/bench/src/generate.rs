//! Records of the same shapes from any seed: 60 % updates, 30 % observations, 10 % tasks. Notes of 60 to 150 (updates, skewed
//! to short), 18 to 46 (observations) and 70 to 120 (tasks) characters are made of phrases of the trade and random common
//! characters.

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::record::{Kind, Record};

const STREETS: [&str; 16] = [
    "老码头",
    "滨河大道",
    "文昌阁",
    "火车站前街",
    "环城西路",
    "兴业路",
    "工农巷",
    "凤凰山路",
    "建设路",
    "东门外大街",
    "新华南路",
    "北干渠",
    "青年路",
    "人民东路",
    "湖滨北路",
    "解放街",
];
const SPOTS: [&str; 16] = [
    "菜市场门口",
    "便民服务中心",
    "垃圾中转站",
    "河堤桩号K3+200处",
    "居委会楼下",
    "加油站对面",
    "停车场出口",
    "桥头西引道",
    "地下通道入口",
    "变电箱西侧",
    "涵洞口",
    "三号泵站",
    "幸福小区七号楼",
    "小学南侧围墙",
    "在建工地北门",
    "公交站台旁",
];
const MATTERS: [&str; 16] = [
    "共享单车乱停放影响通行",
    "路灯不亮",
    "井盖破损并有轻微下沉",
    "暴露垃圾未及时清运",
    "边坡有细小裂缝",
    "排水沟被淤泥堵塞",
    "施工围挡倾斜",
    "护栏缺失约四米",
    "污水外溢有异味",
    "电缆线垂落离地不足两米",
    "渣土车遗撒带泥上路",
    "路面积水约十五厘米",
    "消防通道被机动车堵塞",
    "占道经营摊位三处",
    "广告牌松动存在坠落风险",
    "行道树倒伏压住人行道",
];
const PHRASES: [&str; 30] = [
    "疏导过往车辆绕行",
    "联系权属单位抢修班组",
    "抽水泵连续作业中",
    "目前无人员受伤",
    "与社区网格员共同确认",
    "复查未见反弹",
    "对当事人进行了劝导教育",
    "天气转雨需加快进度",
    "后续每日早晚各查一次",
    "无法联系到责任人",
    "组织两名队员清理完毕",
    "拍照取证后上报指挥中心",
    "已到场核实情况属实",
    "材料已备齐",
    "现场拉设警戒带并摆放反光锥",
    "此处本月第二次出现同类问题",
    "现场仍有一人值守",
    "需城管与交警联合处置",
    "照片见附件",
    "建议纳入下周重点巡查",
    "水位较早上下降约八厘米",
    "协调吊车进场作业",
    "等待供电部门停电后处置",
    "周边居民情绪稳定",
    "要求两小时内整改到位",
    "已更换新井盖并试压",
    "预计今晚十点前完成",
    "请后台转派住建部门",
    "已通知养护公司派人处理",
    "业主表示配合",
];
const JOINTS: [&str; 8] = ["，", "，", "。", "；", "，另外", "，随后", "，同时", "，经查"];
const COMMON: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多\
定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那\
社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程\
展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则\
任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身\
车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众\
书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯\
院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严";
const UPDATE_STATES: [&str; 6] = ["已接单", "到场", "处置中", "待复核", "已办结", "退回"];
const SEEN: [&str; 8] = ["绿化", "水位", "消防", "市容", "井盖", "泵站", "路灯", "桥梁"];
const BEGINS_MS: i64 = 1_780_272_000_000;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `count` records of this seed; one seed always gives the same.
pub fn generated(seed: u64, count: usize) -> Vec<Record> {
    let mut maker = Maker {
        random: ChaCha8Rng::seed_from_u64(seed),
        common: COMMON.chars().collect(),
        tasks: Vec::new(),
        at: BEGINS_MS,
    };
    (0..count).map(|_| maker.record()).collect()
}

struct Maker {
    random: ChaCha8Rng,
    common: Vec<char>,
    tasks: Vec<String>,
    at: i64,
}

impl Maker {
    fn record(&mut self) -> Record {
        self.at += self.random.random_range(500..4_500_i64);
        let id = self.id();
        let kind = match self.random.random_range(0..10) {
            0..6 => Kind::Update,
            6..9 => Kind::Observation,
            _ => Kind::Task,
        };
        let mut record = Record {
            id: id.clone(),
            kind,
            task: None,
            state: String::new(),
            at: self.at,
            lat: 30.2 + self.spread(0.11),
            lng: 120.15 + self.spread(0.15),
            acc: f64::from(self.random.random_range(30..=150)) / 10.0,
            note: String::new(),
            title: None,
            addr: None,
            due: None,
        };
        match kind {
            Kind::Update => {
                let known = self.tasks.choose(&mut self.random).cloned();
                record.task = Some(known.unwrap_or_else(|| self.id()));
                record.state = self.pick(&UPDATE_STATES).to_owned();
                let more = -23.0 * self.random.random_range(f64::EPSILON..1.0).ln();
                record.note = self.note(60 + (more as usize).min(90));
            }
            Kind::Observation => {
                record.state = self.pick(&SEEN).to_owned();
                let chars = self.random.random_range(18..47);
                record.note = self.note(chars);
            }
            Kind::Task => {
                record.state = if self.random.random_bool(0.22) {
                    "open"
                } else {
                    "done"
                }
                .to_owned();
                let title = format!("{}{}", self.place(), self.pick(&MATTERS));
                let chars = self.random.random_range(14..27);
                record.title = Some(title.chars().take(chars).collect());
                record.addr = Some(self.place());
                record.due = Some(self.at + self.random.random_range(2..72_i64) * 3_600_000);
                let chars = self.random.random_range(70..121);
                record.note = self.note(chars);
                self.tasks.push(id);
            }
        }
        record
    }

    /// A time and 80 random bits, as a ULID has them.
    fn id(&mut self) -> String {
        let time = (0..10).rev().map(|place| (self.at >> (5 * place)) & 31);
        let mut id: String = time
            .map(|five| char::from(ALPHABET[usize::try_from(five).unwrap_or(0)]))
            .collect();
        id.extend((0..16).map(|_| char::from(ALPHABET[self.random.random_range(0..32)])));
        id
    }

    /// Denser in the middle.
    fn spread(&mut self, half: f64) -> f64 {
        half * (self.random.random_range(-1.0..1.0) + self.random.random_range(-1.0..1.0)) / 2.0
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from.choose(&mut self.random).copied().unwrap_or_default()
    }

    fn place(&mut self) -> String {
        let number = self.random.random_range(1..500);
        format!("{}{number}号{}", self.pick(&STREETS), self.pick(&SPOTS))
    }

    fn note(&mut self, chars: usize) -> String {
        let mut note = format!("{}{}", self.place(), self.pick(&MATTERS));
        while note.chars().count() < chars {
            note.push_str(self.pick(&JOINTS));
            if self.random.random_bool(0.6) {
                note.push_str(self.pick(&PHRASES));
            } else {
                let length = self.random.random_range(4..13);
                note.extend((0..length).filter_map(|_| self.common.choose(&mut self.random)));
            }
        }
        note.chars().take(chars).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::kept_records;

    fn mean(of: Kind, records: &[Record]) -> (f64, f64) {
        let notes: Vec<_> = records.iter().filter(|record| record.kind == of).collect();
        let chars: usize = notes.iter().map(|record| record.note.chars().count()).sum();
        (
            notes.len() as f64 / records.len() as f64,
            chars as f64 / notes.len() as f64,
        )
    }

    #[test]
    fn records_of_any_seed_look_like_those_that_are_kept() {
        let kept = kept_records(10_000).expect("the kept records");
        assert_eq!(kept.len(), 10_000);
        for seed in [1, 77] {
            let made = generated(seed, 10_000);
            assert_eq!(made.len(), 10_000);
            for kind in [Kind::Update, Kind::Observation, Kind::Task] {
                let ((share, chars), (share_kept, chars_kept)) = (mean(kind, &made), mean(kind, &kept));
                assert!((share - share_kept).abs() < 0.03, "{kind:?} {share} {share_kept}");
                assert!(
                    (chars / chars_kept - 1.0).abs() < 0.15,
                    "{kind:?} {chars} {chars_kept}"
                );
            }
        }
        assert_eq!(generated(5, 50)[49].note, generated(5, 50)[49].note);
        assert_ne!(generated(5, 50)[49].note, generated(6, 50)[49].note);
    }
}
