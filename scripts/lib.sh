# shellcheck shell=bash
# Sourced by the scripts beside it, never run: one cache folder, one build environment, and checks that say in one plain
# sentence what is missing and what to do. Needs bash 4.4 or newer and the usual GNU tools.

GRID_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${HOME:=$(cd ~ && pwd)}"

# Everything that is fetched or built outlives a clone here: target/ (Rust), npm/, deny/ (build of cargo-deny), tools/, logs/.
GRID_CACHE=${GRID_CACHE:-$HOME/.cache/grid-fieldbook}
export GRID_CACHE HOME
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$GRID_CACHE/target}
export OPENSSL_NO_VENDOR=1                  # desktop: Debian's libssl-dev instead of a five-minute build of OpenSSL
export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-auto}
export npm_config_cache=$GRID_CACHE/npm
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1   # the browser is Debian's chromium
case ":$PATH:" in *":$HOME/.cargo/bin:"*) ;; *) PATH=$PATH:$HOME/.cargo/bin ;; esac
PATH=$GRID_CACHE/tools/bin:$PATH
export PATH

GRID_CONSOLE=$GRID_ROOT/platform/console
GRID_RUST_MIN=1.95
GRID_NODE_MIN=20.19

# step "text (about N s)": one line that says what begins and how long it takes, with the seconds since the script began.
step() { printf '[%4d s] %s\n' "$SECONDS" "$1"; }

# say_why "English" "中文": the sentence for a stop, also kept in REASON for a part that is skipped because of it.
# shellcheck disable=SC2034  # read by the scripts that source this
REASON=
say_why() {
    # shellcheck disable=SC2034
    REASON=$1
    printf '%s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '%s\n' "$2" >&2
}

# die "English" "中文": says why and ends the script.
die() {
    say_why "$@"
    exit 1
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# watched LABEL COMMAND…: at a terminal the command shows its own progress; elsewhere a line every 15 seconds tells how
# far it is, and its output is shown only when it fails.
watched() {
    local label=$1 log pid rc=0
    shift
    if [ -t 1 ] && [ -t 2 ]; then
        "$@"
        return
    fi
    log=$(mktemp "${TMPDIR:-/tmp}/grid-watched.XXXXXX")
    "$@" >"$log" 2>&1 &
    pid=$!
    follow "$label" "$pid" "$log"
    wait "$pid" || rc=$?
    [ "$rc" -eq 0 ] || tail -n 40 "$log" >&2
    rm -f "$log"
    return "$rc"
}

# build_programs PACKAGES…: cargo build of what a script runs. scripts/test has built the whole workspace in one go and says so
# with GRID_BUILT; to build one package anew would choose other features of shared crates and compile everything again.
build_programs() {
    [ -z "${GRID_BUILT:-}" ] || return 0
    (cd "$GRID_ROOT" && watched cargo cargo build "$@") || die "The build failed; the lines above say why." "编译失败，原因见上。"
}

# follow LABEL PID LOG: until the process ends, says every 15 seconds how far it is.
follow() {
    local last=$SECONDS
    while kill -0 "$2" 2>/dev/null; do
        sleep 1
        if [ $((SECONDS - last)) -ge 15 ]; then
            last=$SECONDS
            step "  $1: $(progress_of "$3")"
        fi
    done
}

# progress_of LOG: how many crates are compiled, or the last line of a log that is not cargo's.
progress_of() {
    local crates
    crates=$(grep -c '^ *\(Compiling\|Checking\) ' "$1" || true)
    if [ "$crates" -gt 0 ]; then
        printf '%s crates begun, now%s' "$crates" "$(tail -n 1 "$1" | tr -s ' ' | cut -c 1-80)"
    else
        printf '%s' "$(tail -n 1 "$1" | cut -c 1-100)"
    fi
}

# need_apt SECONDS PACKAGE…: installs what is missing of Debian's packages; says what and how long; 1 with a sentence if it cannot.
need_apt() {
    local about=$1 package missing=() as_root=()
    shift
    if ! command -v dpkg-query >/dev/null; then
        say_why "This system is not Debian or Ubuntu. Install what answers to these packages by hand: $*." \
            "本系统不是 Debian 或 Ubuntu，请手工安装相当于下列软件包的内容：$*。"
        return 1
    fi
    for package; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            say_why "Packages are missing and only an administrator can install them: sudo apt-get install ${missing[*]}" \
                "缺少软件包，需要管理员安装：sudo apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    step "用 apt-get 安装 ${missing[*]}（约 $about 秒） / installing ${missing[*]} with apt-get (about $about s)"
    apt_install "${as_root[@]}" "${missing[@]}" && return 0
    say_why "These packages could not be installed: ${missing[*]}. Check the network, then: sudo apt-get update && sudo apt-get install ${missing[*]}" \
        "软件包安装失败：${missing[*]}。请检查网络后执行：sudo apt-get update && sudo apt-get install ${missing[*]}"
    return 1
}

# apt_install [sudo] PACKAGE…: with the lists as they are, then once more with fresh ones.
apt_install() {
    local as_root=()
    if [ "$1" = sudo ]; then
        as_root=(sudo)
        shift
    fi
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o DPkg::Lock::Timeout=300
        install --no-install-recommends "$@")
    "${as_root[@]}" "${install[@]}" >/dev/null 2>&1 && return 0
    "${as_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null 2>&1 || true
    watched apt-get "${as_root[@]}" "${install[@]}"
}

# need_rust: cargo of the version that the workspace asks for.
need_rust() {
    local have
    if ! command -v cargo >/dev/null || ! have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2); then
        say_why "Rust is not installed. Install the stable toolchain with rustup (https://rustup.rs), open a new shell, and run this again." \
            "未安装 Rust。请用 rustup（https://rustup.rs）安装 stable 工具链，重开终端后再运行。"
        return 1
    fi
    if ! version_at_least "${have%%-*}" "$GRID_RUST_MIN"; then
        say_why "Rust $have is too old: $GRID_RUST_MIN or newer is needed. Run: rustup update stable" \
            "Rust $have 版本过旧，需要 $GRID_RUST_MIN 或更新：rustup update stable"
        return 1
    fi
    if ! cc -x c -c -o /dev/null /dev/null 2>/dev/null || ! command -v pkg-config >/dev/null ||
        ! pkg-config --exists openssl; then
        need_apt 30 build-essential pkg-config libssl-dev || return 1
    fi
}

# need_node: Node with npm; the console is built with it.
need_node() {
    local have
    if ! command -v node >/dev/null || ! command -v npm >/dev/null || ! have=$(node --version 2>/dev/null); then
        say_why "Node is not installed. Install Node 20 LTS or newer with npm (https://nodejs.org), and run this again." \
            "未安装 Node。请安装带 npm 的 Node 20 LTS 或更新版本（https://nodejs.org）后再运行。"
        return 1
    fi
    if ! version_at_least "${have#v}" "$GRID_NODE_MIN"; then
        say_why "Node ${have#v} is too old: $GRID_NODE_MIN or newer is needed (https://nodejs.org)." \
            "Node ${have#v} 版本过旧，需要 $GRID_NODE_MIN 或更新（https://nodejs.org）。"
        return 1
    fi
}

# need_browser: Debian's chromium and a font with Chinese, for the console's browser tests.
need_browser() {
    local packages=()
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || packages+=(chromium)
    fc-list :lang=zh 2>/dev/null | grep -q . || packages+=(fonts-noto-cjk fontconfig)
    [ "${#packages[@]}" -eq 0 ] || need_apt 60 "${packages[@]}"
}

# need_deny: cargo-deny 0.20.2 in the cache.
need_deny() {
    cargo-deny --version 2>/dev/null | grep -q ' 0\.20\.' && return 0
    step "installing cargo-deny 0.20.2 with cargo (about 170 s)"
    if CARGO_TARGET_DIR=$GRID_CACHE/deny watched cargo-deny \
        cargo install --locked --debug cargo-deny --version 0.20.2 --root "$GRID_CACHE/tools"; then
        rm -rf "$GRID_CACHE/deny"
        return 0
    fi
    say_why "cargo-deny could not be installed; is the crate registry out of reach?"
    return 1
}

# disk_space: room for a build where the cache is: 6 GB when nothing is built yet, 2 GB when most of it is.
disk_space() {
    local need=6 free
    [ ! -x "$CARGO_TARGET_DIR/debug/grid-platform" ] || need=2
    mkdir -p "$GRID_CACHE" 2>/dev/null || true
    if [ ! -d "$GRID_CACHE" ] || [ ! -w "$GRID_CACHE" ]; then
        say_why "The cache folder $GRID_CACHE cannot be written. Give it to this user, or set GRID_CACHE to another folder." \
            "缓存目录 $GRID_CACHE 不可写。请修改权限，或用 GRID_CACHE 指定其他目录。"
        return 1
    fi
    free=$(df -Pk "$GRID_CACHE" | awk 'NR == 2 { print int($4 / 1048576) }')
    if [ "${free:-0}" -lt "$need" ]; then
        say_why "Only $free GB are free where $GRID_CACHE is; the build needs $need GB. Free some space, or set GRID_CACHE to a folder on a larger disk." \
            "$GRID_CACHE 所在磁盘仅剩 $free GB，编译需要 $need GB。请清理空间，或用 GRID_CACHE 指定其他磁盘上的目录。"
        return 1
    fi
}

# port_free PORT: whether nobody listens on this port of the loopback address.
port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# digest_of PATH…: one hash over names and bytes of files and folders, in the current folder.
digest_of() {
    find "$@" -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1
}

# console_install: npm ci, only when the lock file or Node changed since the last one in this checkout.
console_install() (
    cd "$GRID_CONSOLE" || exit 1
    stamp=node_modules/.grid-lock
    want="$(digest_of package.json package-lock.json) $(node --version)"
    [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || exit 0
    step "用 npm 安装控制台所需的包（约 30 秒） / installing the console's packages with npm (about 30 s)"
    watched npm npm ci --no-progress || exit 1
    printf '%s\n' "$want" >"$stamp"
)

# console_build: the console's pages in platform/console/dist, only when something they are made of changed.
console_build() (
    console_install || exit 1
    cd "$GRID_CONSOLE" || exit 1
    stamp=node_modules/.grid-build
    want=$(digest_of package.json package-lock.json index.html tsconfig.json vite.config.ts public src)
    [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || [ ! -f dist/index.html ] || exit 0
    step "构建控制台（约 15 秒） / building the console (about 15 s)"
    watched vite npm run build || exit 1
    printf '%s\n' "$want" >"$stamp"
)

# console_ready: both, with a sentence when one fails; the npm or vite lines above it tell the cause.
console_ready() {
    console_build && return 0
    say_why "The console could not be built; the lines above say why. Without network to the npm registry run it once where there is one." \
        "控制台未能构建，原因见上。若无法访问 npm 源，请先在有网络的环境运行一次。"
    return 1
}
