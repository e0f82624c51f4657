# shellcheck shell=bash
# Sourced, with scripts/lib.sh before it: what Python needs beside the sources. Everything is written below GRID_CACHE/python and
# made anew each time; nothing generated is ever in the clone.

PYTHON_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PYTHON_BUILT=$CARGO_TARGET_DIR/debug
PYTHON_STAGE=$GRID_CACHE/python/stage       # the package as it is built: sources, generated module, library
PYTHON_TOOLS=$GRID_CACHE/python/tools       # setuptools and mypy, in an environment of their own
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

# python_ready: Python 3.9 or newer with venv.
python_ready() {
    if ! command -v python3 >/dev/null || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
        say_why "Python 3.9 or newer is not installed (Debian: python3); the contract of the bindings was not tested." \
            "未安装 Python 3.9 或更新版本（Debian：python3），未检验接口约定。"
        return 1
    fi
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        say_why "Python has no venv here (Debian: python3-venv)." "Python 缺少 venv（Debian：python3-venv）。"
        return 1
    fi
}

# python_build: the library, its bindgen and the contract's tools. One call builds all, so that the library which is tested is
# the one that bindgen reads.
python_build() {
    # The platform embeds the console's pages; an empty folder lets it be built without them.
    mkdir -p "$GRID_CONSOLE/dist"
    build_programs -p grid-ffi -p grid-bindgen -p grid-contract -p grid-server --lib --bins --example newer_schema
}

# python_stage: the package with the module that this library generates. The module lies beside it, too, for the tests of the
# generated code itself.
python_stage() {
    local library=libgrid_ffi.so module=$PYTHON_STAGE/module
    [ "$(uname -s)" != Darwin ] || library=libgrid_ffi.dylib
    rm -rf "$PYTHON_STAGE"
    mkdir -p "$module"
    (cd "$GRID_ROOT" && "$PYTHON_BUILT/uniffi-bindgen" generate --no-format --metadata-no-deps --language python \
        --out-dir "$module" "${GRID_FFI_META:-$PYTHON_BUILT/$library}" >/dev/null) ||
        die "The Python side could not be generated; the lines above say why." "Python 接口代码生成失败，原因见上。"
    cp "$PYTHON_BUILT/$library" "$module/"
    cp -R "$PYTHON_HERE/src/grid_fieldbook" "$PYTHON_HERE/pyproject.toml" "$PYTHON_HERE/setup.py" "$PYTHON_HERE/README.md" "$PYTHON_STAGE/"
    cp "$module"/* "$PYTHON_STAGE/grid_fieldbook/"
}

# python_tools: setuptools and mypy of requirements.txt. Without a package index they are missing, and their tests say so.
python_tools() {
    local want
    want="$(digest_of "$PYTHON_HERE/requirements.txt") $(python3 --version)"
    [ "$(cat "$PYTHON_TOOLS/.grid-lock" 2>/dev/null)" != "$want" ] || return 0
    step "用 pip 安装 setuptools 与 mypy（约 20 秒） / installing setuptools and mypy with pip (about 20 s)"
    rm -rf "$PYTHON_TOOLS"
    if ! python3 -m venv "$PYTHON_TOOLS" ||
        ! "$PYTHON_TOOLS/bin/python" -m pip install --quiet --only-binary :all: -r "$PYTHON_HERE/requirements.txt"; then
        say_why "setuptools and mypy could not be installed (pip install failed); is the package index out of reach?" \
            "setuptools 与 mypy 安装失败（pip install）；是否无法访问软件源？"
        return 1
    fi
    printf '%s\n' "$want" >"$PYTHON_TOOLS/.grid-lock"
}

# python_paths: where the tests and the contract's runner find everything.
python_paths() {
    export GRID_PYTHON_STAGE=$PYTHON_STAGE GRID_PYTHON_TOOLS=$PYTHON_TOOLS
    export GRID_NEWER_SCHEMA=$PYTHON_BUILT/examples/newer_schema
    export GRID_PLATFORM=${GRID_PLATFORM:-$PYTHON_BUILT/grid-platform}
    export GRID_CONTRACT_TOOL=${GRID_CONTRACT_TOOL:-$PYTHON_BUILT/grid-contract}
    export PYTHONPATH=$PYTHON_STAGE:$PYTHON_STAGE/module
}
