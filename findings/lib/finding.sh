# What every finding needs, to be sourced: a folder that goes away, pinned packages in it, and a program
# whose output must be what was seen. Status 1: the behaviour is another now. Status 2: it could not be tried.
# shellcheck shell=sh disable=SC2034
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 2' HUP INT TERM
cd "$dir"

could_not() {
    echo "finding: $1" >&2
    exit 2
}

# npm_packages NAME@VERSION...: for a program in JavaScript (an .mjs in the folder).
npm_packages() {
    command -v node >/dev/null || could_not "this needs Node.js"
    timeout 120 npm install --prefix . --ignore-scripts --no-audit --no-fund --silent "$@" ||
        could_not "npm could not install $*"
}

# pip_packages NAME==VERSION...: for a program in Python, which is then $python.
pip_packages() {
    { python3 -m venv env && timeout 120 env/bin/pip install --quiet --disable-pip-version-check "$@"; } ||
        could_not "pip could not install $*"
    python=$dir/env/bin/python
}

# cargo_program CRATE@=VERSION [OPTION...]: builds main.rs with one crate; the program is then $program.
cargo_program() {
    export CARGO_TARGET_DIR="$dir/target" CARGO_TERM_QUIET=true
    {
        cargo init --quiet --vcs none --name finding crate && mv main.rs crate/src/main.rs &&
            (cd crate && cargo add --quiet "$@" && timeout 160 cargo build --quiet --jobs 1)
    } || could_not "cargo could not build with $1"
    program=$dir/target/debug/finding
}

# same_as_seen COMMAND...: runs it, prints its output, and compares that with the standard input.
same_as_seen() {
    cat >seen
    timeout 60 "$@" >got </dev/null || {
        status=$?
        cat got
        could_not "the program ended with status $status (124: it waited for what did not come)"
    }
    cat got
    diff -u --label seen --label now seen got >&2 || {
        echo "finding: the behaviour is another now" >&2
        exit 1
    }
}
