# Types for the compiler alone; the plain module beside this file runs without them.
cdef double TICK_SECONDS

cdef class Deadlines:
    cdef object _loop
    cdef object _on_tick
    cdef dict _slots
    cdef long _at
    cdef object _timer

    cpdef object add(self, object waiting, double when)
    cdef object _enter(self, object waiting, object tick)
    cdef object _arm(self)
    cdef long _now(self) except -1
    cpdef object _tick(self)
