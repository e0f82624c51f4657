#!/usr/bin/env bash
# What each part of scripts/test runs: scripts/parts.sh FUNCTION. A part is a process of its own, so that `set -e` counts;
# scripts/test hands it LOG, RESULT, ARTEFACTS, QUICK, SEEDS and what is missing on this machine.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$GRID_ROOT"
export RUST_BACKTRACE=0 CARGO_TERM_COLOR=never NO_COLOR=1

# skip REASON: ends this part as skipped.
skip() {
    printf '%s\n' "$1" >"${LOG%.log}.skip"
    exit 77
}

run_fmt() { cargo fmt --all --check; }

run_clippy() { cargo clippy --workspace --all-targets -- -D warnings; }

run_deny() {
    if [ -n "$QUICK" ] && ! cargo-deny --version >/dev/null 2>&1; then
        skip "cargo-deny is not installed; scripts/test without --quick installs it (about 170 s)"
    fi
    need_deny || skip "cargo-deny could not be installed (cargo install failed); $LOG tells why"
    cargo deny --color never check bans licenses sources
}

# The database is a git repository elsewhere: where it is out of reach nothing can be said about vulnerabilities.
run_advisories() {
    need_deny || skip "cargo-deny could not be installed (cargo install failed); $LOG tells why"
    GIT_TERMINAL_PROMPT=0 timeout 120 cargo deny --color never fetch db ||
        skip "the advisory database cannot be fetched from here; run 'cargo deny check advisories' where it can"
    cargo deny --color never check advisories
}

run_tidy() { cargo test -p grid-tidy --no-fail-fast -- --nocapture; }

# Everything that later parts run, in one go: with the tests it has one choice of features, without them another.
run_build() { cargo build --workspace --all-targets; }

# One run for all crates. --quick leaves out what its authors call slow (they look at GRID_QUICK).
run_rust() {
    [ -z "$QUICK" ] || export GRID_QUICK=1
    # Some tests run the binaries as people do.
    [ -n "${GRID_BUILT:-}" ] || run_build
    cargo test --workspace --exclude grid-tidy --no-fail-fast
}

run_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps; }

run_scripts() {
    local file files=()
    for file in scripts/* .ci/* bindings/python/* tests/tus/*; do
        if [ -f "$file" ] && { [[ $file == *.sh ]] || head -n 1 "$file" | grep -q '^#!.*\(bash\|/sh\)'; }; then
            files+=("$file")
        fi
    done
    for file in "${files[@]}"; do bash -n "$file"; done
    scripts/machine-sentences
    scripts/tally-check
    if ! command -v shellcheck >/dev/null; then
        echo "only the syntax was checked: shellcheck is not installed"
        return
    fi
    shellcheck -x -P "$GRID_ROOT" "${files[@]}"
}

# Every console part begins so.
at_console() {
    case $CONSOLE_MISSING in
    '') cd "$GRID_CONSOLE" || exit ;;
    failed) echo "the console could not be built; scripts/test says why where it began"; exit 1 ;;
    *) skip "$CONSOLE_MISSING" ;;
    esac
}

run_console_types() {
    at_console
    npx --no-install tsc --noEmit
}

run_console_unit() {
    at_console
    npx --no-install vitest run --reporter=default --reporter=json --outputFile="$RESULT"
}

# browser_here SHOTS: which browser the tests drive, and where they leave their screenshots.
browser_here() {
    GRID_CHROMIUM=${GRID_CHROMIUM:-$(command -v chromium || command -v chromium-browser)}
    export GRID_CHROMIUM GRID_SHOTS=$1
    mkdir -p "$1"
}

run_console_mock() {
    at_console
    [ -z "$BROWSER_MISSING" ] || skip "no browser for the console's tests: $BROWSER_MISSING"
    browser_here "$ARTEFACTS/shots/mock"
    PLAYWRIGHT_JSON_OUTPUT_NAME=$RESULT npm run e2e:mock -- --reporter=list,json
}

run_demo_live() {
    [ -z "$NODE_MISSING" ] || skip "$NODE_MISSING"
    scripts/demo
}

# Against the platform that demo-live left running, with the two log-ins that it wrote down.
run_console_live() {
    at_console
    [ -z "$BROWSER_MISSING" ] || skip "no browser for the console's tests: $BROWSER_MISSING"
    local logins=$GRID_CACHE/demo/logins.json
    [ -s "$logins" ] || { echo "$logins is missing: the demo did not come up"; exit 1; }
    login() {
        node -e 'const logins = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
            console.log(process.argv[2].split(".").reduce((value, key) => value[key], logins))' "$logins" "$1"
    }
    GRID_CONSOLE_URL=$(login url)
    GRID_CONSOLE_DUTY=$(login duty.name):$(login duty.password)
    GRID_CONSOLE_LEADER=$(login leader.name):$(login leader.password)
    export GRID_CONSOLE_URL GRID_CONSOLE_DUTY GRID_CONSOLE_LEADER
    browser_here "$ARTEFACTS/shots"
    PLAYWRIGHT_JSON_OUTPUT_NAME=$RESULT npm run e2e:live -- --reporter=list,json
}

run_demo_stop() {
    [ -z "$NODE_MISSING" ] || skip "$NODE_MISSING"
    scripts/demo --stop
    port_free 8787 || { echo "something still answers at 127.0.0.1:8787"; exit 1; }
}

run_kotlin() { run_language kotlin; }
run_swift() { run_language swift; }
run_python() { run_language python; }

# run_language NAME: a package with its tests; what its runner of the contract wrote stays for the judge.
run_language() {
    local rc=0 said=$ARTEFACTS/contract/$1.txt
    mkdir -p "$ARTEFACTS/contract"
    rm -f "$ARTEFACTS/contract/$1.json"
    GRID_CONTRACT_RESULTS=$ARTEFACTS/contract/$1.json scripts/bindings "$1" 2>&1 | tee "$said" || rc=$?
    [ "$rc" -ne 3 ] || skip "$(tail -n 1 "$said")"
    return "$rc"
}

run_phones() {
    local rc=0 said=$ARTEFACTS/phones.txt
    scripts/phone-targets 2>&1 | tee "$said" || rc=$?
    [ "$rc" -ne 3 ] || skip "$(tail -n 1 "$said")"
    return "$rc"
}

# The three runners have written what each case came to.
run_contract() {
    local language results=()
    for language in kotlin swift python; do
        [ -s "$ARTEFACTS/contract/$language.json" ] || skip "the contract is not whole: $language was not run"
        results+=("$ARTEFACTS/contract/$language.json")
    done
    "$CARGO_TARGET_DIR/debug/grid-contract" judge tests/contract/cases "${results[@]}"
}

# A client that cannot be installed is told as skipped; the other one is still run.
run_tus() {
    GRID_SKIP_NOTE=${LOG%.log}.skip tests/tus/run
}

# A client that shares no code with ours and goes by the documents.
run_stranger() {
    local rc=0
    GRID_SKIP_NOTE=${LOG%.log}.skip scripts/stranger || rc=$?
    [ "$rc" -ne 3 ] || exit 77
    return "$rc"
}

# One test for each seed: its last line says that everything recorded was received, once; ledgers stay in build/demo.
run_demo_check() {
    [ -z "$NODE_MISSING" ] || skip "$NODE_MISSING"
    local seed rc last before passed=0 failed=0
    mkdir -p "$ARTEFACTS/demo"
    for seed in $SEEDS; do
        printf '== seed %s\n' "$seed"
        rc=0
        before=$(checks_left)
        scripts/demo --check --seed "$seed" --json "$ARTEFACTS/demo/seed-$seed.json" >"$ARTEFACTS/demo/seed-$seed.log" 2>&1 || rc=$?
        cat "$ARTEFACTS/demo/seed-$seed.log"
        last=$(tail -n 1 "$ARTEFACTS/demo/seed-$seed.log")
        if [ "$rc" -eq 0 ] && [[ $last =~ ^recorded\ ([1-9][0-9]*)\ received\ ([0-9]+)\ missing\ 0\ duplicated\ 0$ ]] &&
            [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] && told_right "$seed" "$before"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            printf '== seed %s FAILED; again with: scripts/demo --check --seed %s\n' "$seed" "$seed"
        fi
    done
    # And the other way round: one record dropped on the way makes it fail.
    if "$CARGO_TARGET_DIR/debug/grid-demo" --check --spoil drop --seed 1 >"$ARTEFACTS/demo/spoilt.log" 2>&1; then
        failed=$((failed + 1))
        echo "== a dropped record was not noticed"
    else
        passed=$((passed + 1))
    fi
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}

checks_left() { find "$GRID_CACHE/demo" -maxdepth 1 -name 'check-*' 2>/dev/null | wc -l; }

# told_right SEED BEFORE: the seed is said, several windows and cuts were played, and nothing is left behind.
told_right() {
    grep -q "seed $1 " "$ARTEFACTS/demo/seed-$1.log" || { echo "the seed is not said"; return 1; }
    [ "$(checks_left)" -eq "$2" ] || { echo "a check left its folder"; return 1; }
    node -e 'const played = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        const lacks = ["cuts", "turns", "bytes_up", "bytes_down"].filter((name) => !(played[name] > 0));
        if (!(played.windows >= 2)) lacks.push("windows");
        if (lacks.length > 0) { console.log("too few: " + lacks.join(", ")); process.exit(1); }' "$ARTEFACTS/demo/seed-$1.json"
}

run_readme() { scripts/readme-commands; }

"$1"
