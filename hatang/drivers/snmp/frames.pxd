# Types for the compiler alone; the plain module beside this file runs without them.
import cython
from libc.string cimport memcmp

cdef bint _COMPILED

@cython.locals(data=bytes, at=Py_ssize_t, end=Py_ssize_t, names=bytes, columns=tuple, bases=tuple,
               counts=tuple, kinds=bytes, starts=tuple, changed=bytearray,
               old="const unsigned long long[::1]", new="unsigned long long[::1]",
               width=Py_ssize_t, found=int, place=Py_ssize_t, row=Py_ssize_t, name_at=Py_ssize_t,
               text_at=Py_ssize_t, size=Py_ssize_t, stop=Py_ssize_t, named=Py_ssize_t,
               value_at=Py_ssize_t, column=Py_ssize_t, tag=int, value=cython.ulonglong,
               cell=Py_ssize_t, count=Py_ssize_t, base=Py_ssize_t, start=Py_ssize_t,
               limit=Py_ssize_t)
cdef int _compare(object pdu, object frame, bytes texts, object store, object fresh) except -1

cdef bint _equal(bytes data, Py_ssize_t at, bytes old, Py_ssize_t was, Py_ssize_t size) except -1

cdef inline bint _same_octets(
    bytes data, Py_ssize_t at, bytes old, Py_ssize_t was, Py_ssize_t size
) except -1:
    if at < 0 or was < 0 or size < 0 or at + size > len(data) or was + size > len(old):
        return False
    return memcmp(<const char*>data + at, <const char*>old + was, size) == 0
