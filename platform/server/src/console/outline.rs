//! The map: shapes as the administrator gave them, posts and checkpoints as points, all in one GeoJSON collection.

use axum::Json;
use axum::extract::State;
use grid_hub::views::{CheckpointView, Outline, PostView};
use serde_json::{Map, Value, json};

use super::Reply;
use crate::Platform;
use crate::guard::SignedIn;

/// Island outline, posts and checkpoints: a GeoJSON FeatureCollection (RFC 7946).
#[utoipa::path(get, path = "/api/outline", tag = "console", responses(
    (status = 200, description = "Properties of a feature: `name`, `code`, `kind` (outline, post, checkpoint)", content_type = "application/json", body = Object),
))]
pub(crate) async fn map(State(platform): State<Platform>, SignedIn(who): SignedIn) -> Reply<Value> {
    let outline = platform.ask(move |hub, _| hub.outline(&who)).await?;
    Ok(Json(collection(&outline)))
}

fn collection(outline: &Outline) -> Value {
    let shapes = outline
        .shapes
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .flat_map(features);
    let posts = outline
        .posts
        .iter()
        .flat_map(|post| std::iter::once(self::post(post)).chain(post.checkpoints.iter().map(checkpoint)));
    let features: Vec<Value> = shapes.chain(posts).collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// The features in a geometry, a feature or a collection, each with the properties that the console reads.
pub(crate) fn features(shape: Value) -> Vec<Value> {
    match shape.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => shape
            .get("features")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .flat_map(features)
            .collect(),
        Some("Feature") => {
            let given = shape
                .get("properties")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            shape
                .get("geometry")
                .filter(|geometry| geometry.is_object())
                .map(|geometry| feature(geometry.clone(), given))
                .into_iter()
                .collect()
        }
        Some("Polygon" | "MultiPolygon" | "LineString" | "MultiLineString" | "Point" | "MultiPoint") => {
            vec![feature(shape, Map::new())]
        }
        _ => Vec::new(),
    }
}

fn feature(geometry: Value, mut properties: Map<String, Value>) -> Value {
    properties.entry("name").or_insert_with(|| json!(""));
    properties.entry("kind").or_insert_with(|| json!("outline"));
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

fn post(post: &PostView) -> Value {
    point(
        (post.lat_e7, post.lon_e7),
        json!({"name": post.name, "code": post.code, "kind": "post"}),
    )
}

fn checkpoint(checkpoint: &CheckpointView) -> Value {
    let CheckpointView {
        code,
        name,
        lat_e7,
        lon_e7,
        radius_m,
    } = checkpoint;
    point(
        (*lat_e7, *lon_e7),
        json!({"name": name, "code": code, "kind": "checkpoint", "radius_m": radius_m}),
    )
}

fn point((lat_e7, lon_e7): (i32, i32), properties: Value) -> Value {
    let place = [f64::from(lon_e7) / 1e7, f64::from(lat_e7) / 1e7];
    json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_every_form_become_features() {
        let polygon =
            r#"{"type":"Polygon","coordinates":[[[123.7,39.7],[123.8,39.7],[123.8,39.8],[123.7,39.7]]]}"#;
        let named = format!(r#"{{"type":"Feature","properties":{{"name":"大鹿岛"}},"geometry":{polygon}}}"#);
        let both = format!(r#"{{"type":"FeatureCollection","features":[{named}]}}"#);
        let post = PostView {
            code: "DL-01".into(),
            name: "一号岗".into(),
            lat_e7: 397_500_000,
            lon_e7: 1_237_300_000,
            checkpoints: vec![],
        };
        let map = collection(&Outline {
            shapes: vec![polygon.into(), both, "no json".into()],
            posts: vec![post],
        });
        let features = map["features"].as_array().unwrap();
        assert_eq!(features.len(), 3);
        assert_eq!(features[0]["properties"], json!({"name": "", "kind": "outline"}));
        assert_eq!(
            features[1]["properties"],
            json!({"name": "大鹿岛", "kind": "outline"})
        );
        assert_eq!(features[2]["geometry"]["coordinates"], json!([123.73, 39.75]));
    }
}
