//! That the simulation would see it: each of these mistakes, switched on, is found.

use maru_engine::defects::{ALL, switch};

use crate::{
    SEEDS,
    runner::{first_broken, threads, timed},
};

#[test]
fn every_defect_is_found() {
    let mut missed = Vec::new();
    let only = std::env::var("DEFECT").ok();
    let asked = |name: &str| only.as_ref().is_none_or(|only| only == name);
    for defect in ALL.iter().filter(|defect| asked(&format!("{defect:?}"))) {
        let prepare = || switch(Some(*defect));
        let ((found, _), took) = timed(|| first_broken((0, SEEDS), threads(), &prepare));
        match found {
            Some((seed, broken)) => {
                println!("{defect:?}: {} seeds, {took:.1?}: {broken}", seed + 1);
            }
            None => {
                println!("{defect:?}: NOT FOUND, {took:.1?}");
                missed.push(*defect);
            }
        }
    }
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
}
