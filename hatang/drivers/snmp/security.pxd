# Types for the compiler alone; the plain module beside this file runs without them.
cdef class Community:
    cdef public long _version
    cdef bytes _community

    cpdef bytes seal(self, object template, object request_id)
    cpdef object open(self, object message)
    cpdef object silent(self)
