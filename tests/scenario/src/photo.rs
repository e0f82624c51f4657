//! Photos that nobody took: a sea, a shore and a boat with the grain of a cheap camera, real JPEG, always the same for
//! the same seed and index.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use sha2::{Digest, Sha256};

use crate::plan::{Frame, Plan};

mod scene;

const QUALITY: u8 = 78;
const TRIES: usize = 10;

/// What the tally keeps of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
}

impl Print {
    /// The print of these bytes.
    pub fn of(jpeg: &[u8]) -> Self {
        Self {
            sha256: hex::encode(Sha256::digest(jpeg)),
            bytes: jpeg.len() as u64,
        }
    }
}

/// The prints of all photos of a plan, in its order; drawn on all processors.
pub fn prints(plan: &Plan) -> Vec<Print> {
    let many = plan.photos.len();
    let hands = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(many.max(1));
    let each = many.div_ceil(hands);
    std::thread::scope(|scope| {
        let hand = |hand: usize| {
            let own = hand * each..((hand + 1) * each).min(many);
            scope.spawn(move || {
                own.map(|photo| Print::of(&plan.photo_jpeg(photo)))
                    .collect::<Vec<_>>()
            })
        };
        let working: Vec<_> = (0..hands).map(hand).collect();
        // A thread that panicked leaves its prints out, and the tally then misses its photos.
        working
            .into_iter()
            .flat_map(|hand| hand.join().unwrap_or_default())
            .collect()
    })
}

/// The photo of this index, its size within the frame's bounds. About 30 ms for 1600 × 1200 pixels.
pub fn jpeg(seed: u64, index: u64, frame: Frame) -> Vec<u8> {
    let mut draw = scene::Draw::new(seed, index);
    let width = frame.bytes_max.saturating_sub(frame.bytes_min);
    let wanted = frame.bytes_min + width / 10 + draw.below(width.max(10) / 10 * 8);
    let scene = scene::Scene::of(&mut draw, frame);
    let pixels = (usize::from(frame.width) * usize::from(frame.height)) as f64;
    let mut grain = scene::grain_for(wanted as f64 / pixels);
    let mut drawn = Vec::new();
    for _ in 0..TRIES {
        drawn = encode(&scene.ycbcr(grain), frame);
        if (frame.bytes_min..=frame.bytes_max).contains(&drawn.len()) {
            break;
        }
        let ratio = wanted as f64 / drawn.len().max(1) as f64;
        grain = (grain * ratio.clamp(0.4, 2.5)).clamp(0.5, 250.0);
    }
    drawn
}

fn encode(ycbcr: &[u8], frame: Frame) -> Vec<u8> {
    let mut jpeg = Vec::with_capacity(frame.bytes_max);
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    // Encoding into memory fails only for a frame of no pixels, which loading refuses.
    let encoded = encoder.encode(ycbcr, frame.width, frame.height, ColorType::Ycbcr);
    if encoded.is_err() {
        jpeg.clear();
    }
    jpeg
}
