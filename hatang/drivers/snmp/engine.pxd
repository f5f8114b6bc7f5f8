# Types for the compiler alone; the plain module beside this file runs without them.
from hatang.drivers.snmp.session cimport Session

cdef class Engine:
    cdef public object counts
    cdef object _published
    cdef public object _line
    cdef set _readers
    cdef public dict _pending
    cdef object _queue
    cdef long _id
    cdef public long _window
    cdef public long _flying
    cdef long _epoch
    cdef list _recent

    cpdef double now(self) except? -1
    cpdef object begin(self, Session session)
    cpdef object end(self, Session session, object request_id)
    cpdef object launch(self, Session session)
    cpdef object deliver(self, Session session, bytes datagram, double until)
    cpdef object _received(self, bytes datagram, object address)
    cdef object _land(self, Session session)
    cpdef object _tick(self)
    cdef object _pump(self)
    cdef object _open(self)
    cdef object _blame(self, object address, str detail)
    cdef object _shut(self)
