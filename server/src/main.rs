//! Maru.
fn main() {
    env_logger::init();
    let vars = maru_server::settings::variables(std::env::vars_os()).unwrap();
    let s = maru_server::settings::Settings::load(&vars).unwrap();
    if let Err(e) = maru_server::app::run(s, |a| println!("listens on http://{}/", a.http)) {
        eprintln!("{e}");
        std::process::exit(1)
    }
}
