//! What is on a photo, in luma and chroma. Integer arithmetic only: the same bytes on every machine.

use crate::plan::Frame;

/// Numbers for one photo.
pub(super) struct Draw(u64);

impl Draw {
    /// The numbers of this photo of this seed.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        // Two rounds of a finalizer keep neighbouring indexes far apart.
        let mix = |mut z: u64| {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self(
            mix(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ mix(index.wrapping_mul(2).wrapping_add(1)))
                | 1,
        )
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below this one, which is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 16) as usize % bound.max(1)
    }
}

/// How strong the grain must be for a file of so many bytes a pixel; measured at quality 78.
pub(super) fn grain_for(bytes_per_pixel: f64) -> f64 {
    (bytes_per_pixel * 150.0).clamp(0.5, 250.0)
}

/// A place and an hour: where the horizon and the shore are, how light it is, where a boat lies.
pub(super) struct Scene {
    width: usize,
    height: usize,
    horizon: usize,
    shore: usize,
    light: usize,
    blue: usize,
    sand: usize,
    boat: (usize, usize, usize),
    grain_from: u64,
}

impl Scene {
    pub(super) fn of(draw: &mut Draw, frame: Frame) -> Self {
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        let horizon = height / 4 + draw.below(height / 5);
        let shore = horizon + height / 5 + draw.below(height / 5);
        let boat = (
            draw.below(width * 3 / 4),
            (shore + horizon) / 2,
            width / 20 + draw.below(width / 12),
        );
        Self {
            width,
            height,
            horizon,
            shore,
            light: 60 + draw.below(60),
            blue: 130 + draw.below(25),
            sand: 132 + draw.below(20),
            boat,
            grain_from: draw.next(),
        }
    }

    /// The pixels, three bytes each.
    pub(super) fn ycbcr(&self, grain: f64) -> Vec<u8> {
        let mut grains = Draw(self.grain_from | 1);
        let mut pixels = vec![0_u8; self.width * self.height * 3];
        for (row, line) in pixels.chunks_exact_mut(self.width * 3).enumerate() {
            let (luma, blue, red, share) = self.row(row);
            // Grain in 1/256 of a step, centred on nought.
            let strength = (grain * share as f64) as i32;
            for eight in line.chunks_mut(24) {
                let mut random = grains.next();
                for pixel in eight.chunks_exact_mut(3) {
                    let noise = (((random & 0xff) as i32 - 128) * strength) >> 12;
                    random >>= 8;
                    pixel[0] = (luma + noise).clamp(0, 255) as u8;
                    pixel[1] = blue;
                    pixel[2] = red;
                }
            }
            self.put_boat(row, line);
        }
        pixels
    }

    /// Luma, both chromas and the share of grain (16 is all of it) of one row.
    fn row(&self, row: usize) -> (i32, u8, u8, usize) {
        let byte = |value: usize| value.min(255) as u8;
        if row < self.horizon {
            let down = row * 50 / self.horizon.max(1);
            ((self.light + 60 + down) as i32, byte(self.blue), 122, 10)
        } else if row < self.shore {
            // Long waves: darker and lighter bands that widen towards the shore.
            let into = row - self.horizon;
            let wave = (into * into / 64 + into / 3) % 24;
            ((self.light + wave) as i32, byte(self.blue + 6), 118, 15)
        } else {
            let into = (row - self.shore) * 40 / (self.height - self.shore).max(1);
            ((self.light + 40 + into) as i32, 116, byte(self.sand), 20)
        }
    }

    fn put_boat(&self, row: usize, line: &mut [u8]) {
        let (left, waterline, length) = self.boat;
        let hull = length / 5;
        if row > waterline || row + hull <= waterline {
            return;
        }
        // The hull narrows towards the water.
        let inset = row + hull - waterline;
        let pixels = line
            .chunks_exact_mut(3)
            .skip(left + inset)
            .take(length.saturating_sub(2 * inset));
        pixels.for_each(|pixel| pixel.copy_from_slice(&[50, 120, 150]));
    }
}
