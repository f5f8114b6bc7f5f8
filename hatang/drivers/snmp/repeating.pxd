# Types for the compiler alone; the plain module beside this file runs without them.
cdef class Recording:
    cdef public object script
    cdef public list cells
    cdef public object store
    cdef public tuple texts
    cdef public object number
    cdef object _lent

cdef class Repeating:
    cdef Recording _recording
    cdef object _rows
    cdef list _answers
    cdef list _starts
    cdef object _pace
    cdef dict _values
    cdef object _usual
    cdef object _fresh
    cdef object _others

    cpdef object request(self, object pace)
    cpdef object answer(self, object pdu, object pace)
    cdef bint _is_as_before(self, object pdu) except -1
    cdef bint _are_riders_there(self, object pdu, object part) except -1
    cdef object _take_over(self)
