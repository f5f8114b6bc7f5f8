# Types for the compiler alone; the plain module beside this file runs without them.
cdef class UserSecurity:
    cdef object _user
    cdef long _flags
    cdef bytes _name
    cdef bytes _header
    cdef Py_ssize_t _mac_size
    cdef bytes _mac
    cdef bytes _engine_id
    cdef bint _doubted
    cdef bytes _engine
    cdef bytes _context
    cdef tuple _told
    cdef object _sign
    cdef object _privacy
    cdef bint _synced
    cdef object _boots
    cdef object _time
    cdef double _at

    cpdef bytes seal(self, object template, object request_id)
    cpdef object open(self, object message)
    cpdef object silent(self)
    cdef bint _check(self, object message) except -1
    cdef object _check_time(self, object message, double now)
    cdef object _reported(self, str report, object message, bint authentic)
    cdef object _meet(self, object message)
    cdef object _synchronize(self, object message, double now)
    cdef object _now(self, double now)

cdef bytes _message(bytes number, bytes header, bytes security, bytes data)
