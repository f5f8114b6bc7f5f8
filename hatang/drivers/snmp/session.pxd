# Types for the compiler alone; the plain module beside this file runs without them.
cdef class Session:
    cdef object _way
    cdef object _security
    cdef object _pace
    cdef object _limits
    cdef public long family
    cdef public object address
    cdef public long due
    cdef public long seat
    cdef public long counted
    cdef public bint queued
    cdef list _waiting
    cdef object _work
    cdef object _future
    cdef object _template
    cdef object _request_id
    cdef long _left
    cdef long _renewals
    cdef double _deadline
    cdef object _complaint
    cdef bint _heard
    cdef object _learned
    cdef long _skips

    cpdef object transmit(self)
    cpdef bint answered(self, object message) except -1
    cpdef object complain(self, str detail)
    cpdef object expired(self)
    cdef object _take(self, object pdu)
    cdef object _fall_silent(self, object work, object gap)
    cdef object _next_work(self)
    cdef object _next_request(self)
    cdef object _renew(self)
    cdef object _give_up(self, object gap)
    cdef object _finish(self, object gap)
    cpdef object _forsake(self, object future)
    cdef object _retire(self)
