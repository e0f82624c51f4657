# shellcheck shell=bash
# Sourced by scripts/test: runs the parts one after the other, each with its own log and its own limit, and keeps one tally.

PASSED=0
FAILED=0
SKIPPED=0
SKIP_REASONS=()
FAILED_PARTS=()
CHILD=
ONLY=${ONLY:-}

# The last part that ended well.
DONE=
# Counts of the part at hand, set by a reader.
P=0
F=0
S=0

# part NAME SECONDS READER "what runs" FUNCTION: runs FUNCTION, and ends it after ten times its usual time and ten minutes.
# FUNCTION is one of scripts/parts.sh and may skip itself. READER turns its log and exit code into counts.
part() {
    local name=$1 about=$2 reader=$3 text=$4 run=$5 rc=0 begun=$SECONDS
    [ -z "$ONLY" ] || [[ ,$ONLY, == *,$name,* ]] || return 0
    LOG=$LOGS/$name.log
    RESULT=$LOGS/$name.json
    rm -f "$LOG" "$RESULT" "$LOGS/$name.skip"
    step "$name: $text (about $about s)"
    run_apart "$run" "$((about * 10 + 600))" "$name" || rc=$?
    P=0 F=0 S=0
    if [ -s "$LOGS/$name.skip" ] && [ "$rc" -eq 77 ]; then
        S=1
        SKIP_REASONS+=("$name: $(cat "$LOGS/$name.skip")")
    else
        "$reader" "$rc" || F=1
        # What ended badly is never counted as well, and what counted nothing has not run.
        if [ "$F" -eq 0 ] && { [ "$rc" -ne 0 ] || [ $((P + S)) -eq 0 ]; }; then F=1; fi
        [ ! -s "$LOGS/$name.skip" ] || SKIP_REASONS+=("$name: $(cat "$LOGS/$name.skip")")
    fi
    conclude "$name" "$((SECONDS - begun))" "$rc"
}

conclude() {
    local name=$1 took=$2 rc=$3
    PASSED=$((PASSED + P)) FAILED=$((FAILED + F)) SKIPPED=$((SKIPPED + S))
    if [ "$F" -gt 0 ]; then
        FAILED_PARTS+=("$name")
        step "$name: FAILED, $P passed, $F failed, $S skipped in $took s (exit code $rc); from $LOG:"
        failure_in "$LOG" | sed 's/^/    | /'
    elif [ "$P" -eq 0 ]; then
        step "$name: skipped"
    else
        # shellcheck disable=SC2034  # the caller reads what passed
        DONE=$name
        step "$name: $P passed$([ "$S" -eq 0 ] || printf ', %s skipped' "$S") in $took s"
    fi
}

# failure_in LOG: what a reader needs of it: cargo's failed tests with what they said, else its end.
failure_in() {
    if grep -q '^test result: FAILED' "$1"; then
        awk '/^failures:$/ { on = 1 } on && NF { print } /^test result: / { on = 0 }' "$1" | head -n 120
        grep -E '^(error|warning: unused)' "$1" | tail -n 5 || true
    else
        tail -n 60 "$1"
    fi
}

# Runs a part as a process group of its own, with a line every 30 seconds; ends the group at the limit.
run_apart() {
    local run=$1 limit=$2 name=$3 begun=$SECONDS next=$((SECONDS + 30)) rc=0
    set -m
    LOG=$LOG RESULT=$RESULT bash "$GRID_ROOT/scripts/parts.sh" "$run" >"$LOG" 2>&1 </dev/null &
    CHILD=$!
    set +m
    while kill -0 "$CHILD" 2>/dev/null; do
        sleep 0.2
        if [ $((SECONDS - begun)) -ge "$limit" ]; then
            printf '\nstopped: still running after %s seconds\n' "$limit" >>"$LOG"
            end_child
        elif [ "$SECONDS" -ge "$next" ]; then
            next=$((SECONDS + 30))
            step "  $name: $(progress_of "$LOG")"
        fi
    done
    wait "$CHILD" || rc=$?
    CHILD=
    return "$rc"
}

# Ends what the part at hand started, and nothing else: first by request, after five seconds by force.
end_child() {
    [ -n "$CHILD" ] || return 0
    kill -TERM -- "-$CHILD" 2>/dev/null || true
    for _ in $(seq 50); do
        kill -0 "$CHILD" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$CHILD" 2>/dev/null || true
}

# note_skip REASON: for a reader that found skipped tests in a part that ran.
note_skip() { printf '%s\n' "$1" >"${LOG%.log}.skip"; }

# Readers: each gets the exit code and sets P, F and S.

read_exit() { if [ "$1" -eq 0 ]; then P=1; else F=1; fi; }

# Every `test result:` line of cargo.
read_cargo() {
    read -r P F S < <(awk '/^test result: / {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) p += $(i - 1)
            if ($i ~ /^failed/) f += $(i - 1)
            if ($i ~ /^ignored/) s += $(i - 1)
        } } END { print p + 0, f + 0, s + 0 }' "$LOG")
    [ "$S" -eq 0 ] || note_skip "$S Rust tests are marked #[ignore]; each says why in its source"
}

# `bans ok, licenses FAILED, sources ok`
read_deny() {
    local line
    line=$(grep -E '^(advisories|bans|licenses|sources) (ok|FAILED)' "$LOG" | tail -n 1 || true)
    P=$(grep -o ' ok' <<<"$line" | grep -c . || true)
    F=$(grep -o ' FAILED' <<<"$line" | grep -c . || true)
}

read_vitest() { counts_of 'r.numPassedTests, r.numFailedTests, (r.numPendingTests || 0) + (r.numTodoTests || 0)'; }

# A test that passed only when it was tried again has failed.
read_playwright() { counts_of 'r.stats.expected, r.stats.unexpected + r.stats.flaky, r.stats.skipped'; }

counts_of() {
    [ -s "$RESULT" ] || return 0
    read -r P F S < <(node -e "const r = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8')); console.log($1)" \
        "$RESULT" 2>/dev/null || echo "0 1 0")
    [ "$S" -eq 0 ] || note_skip "$S tests skip themselves; $LOG names them"
}

# `[name: ]N passed, N failed[, N skipped]`, as our own scripts end.
read_tally() {
    local line
    line=$(grep -E '^([a-z]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$LOG" | tail -n 1 || true)
    [ -n "$line" ] || return 0
    read -r P F S < <(tr -c '0-9\n' ' ' <<<"$line 0")
    S=${S%% *}
}

# The last words: failed parts, reasons of what was skipped, and the tally as the last line.
last_line() {
    local reason
    [ "${#FAILED_PARTS[@]}" -eq 0 ] || printf 'failed parts: %s (logs in %s)\n' "${FAILED_PARTS[*]}" "$LOGS"
    for reason in ${SKIP_REASONS[@]+"${SKIP_REASONS[@]}"}; do printf 'skipped: %s\n' "$reason"; done
    printf '%s passed, %s failed%s\n' "$PASSED" "$FAILED" "$([ "$SKIPPED" -eq 0 ] || printf ', %s skipped' "$SKIPPED")"
}
