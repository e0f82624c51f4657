# A new status is all zeros: success, and no error.
def _uniffi_rust_call(fn, *args):
    call_status = _UniffiRustCallStatus()
    result = fn(*args, call_status)
    if call_status.code:
        _uniffi_check_call_status(None, call_status)
    return result

