
# What copies a handle or frees a buffer is over at once: it keeps the interpreter, which another thread would hold for longer.
_uniffi_short = ctypes.PyDLL(_UniffiLib._name)
for _uniffi_name in [name for name in vars(_UniffiLib) if "_fn_clone_" in name or name.endswith("_rustbuffer_free")]:
    _uniffi_function = getattr(_uniffi_short, _uniffi_name)
    _uniffi_function.argtypes = getattr(_UniffiLib, _uniffi_name).argtypes
    _uniffi_function.restype = getattr(_UniffiLib, _uniffi_name).restype
    setattr(_UniffiLib, _uniffi_name, _uniffi_function)
