class _UniffiForeignBytes(ctypes.Structure):
    # Python keeps the bytes alive as long as this names them.
    _fields_ = [
        ("len", ctypes.c_int32),
        ("data", ctypes.c_char_p),
    ]

