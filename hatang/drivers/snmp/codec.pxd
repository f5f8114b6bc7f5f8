# Types for the compiler alone; the plain module beside this file runs without them.
import cython

cdef bint _COMPILED

cdef class Column:
    cdef readonly str column
    cdef readonly bytes prefix
    cdef readonly Py_ssize_t rows
    cdef public object cells
    cdef public bytes last
    cdef public int kind
    cdef public bint mixed
    cdef public bint done
    cdef public str fault
    cdef public object gap

cdef class Pdu:
    cdef readonly long version
    cdef readonly bytes data
    cdef readonly int tag
    cdef readonly object id
    cdef readonly object status
    cdef readonly object index
    cdef public Py_ssize_t at
    cdef public Py_ssize_t end

cdef class Secured:
    cdef readonly bytes data
    cdef readonly object id
    cdef readonly int flags
    cdef readonly bytes engine_id
    cdef readonly object boots
    cdef readonly object time
    cdef readonly bytes user
    cdef readonly Py_ssize_t mac_at
    cdef readonly Py_ssize_t mac_size
    cdef readonly bytes salt
    cdef readonly Py_ssize_t at
    cdef readonly Py_ssize_t end

@cython.locals(at=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t)
cpdef object read(bytes data)

cpdef Pdu read_scoped(bytes data, Py_ssize_t at, Py_ssize_t end)

@cython.locals(found=Secured, inner=Py_ssize_t, stop=Py_ssize_t, tag=int, encrypted=bint)
cdef Secured _read_secured(bytes data, Py_ssize_t at, Py_ssize_t end)

@cython.locals(stop=Py_ssize_t)
cdef object _read_usm(bytes data, Py_ssize_t at, Py_ssize_t end, Secured found)

@cython.locals(found=Pdu, stop=Py_ssize_t)
cdef Pdu _read_pdu(long version, bytes data, Py_ssize_t at, Py_ssize_t end)

cpdef Py_ssize_t take(Pdu pdu, list oids, list names, dict into) except -1

@cython.locals(data=bytes, at=Py_ssize_t, end=Py_ssize_t, place=Py_ssize_t, count=Py_ssize_t,
               stop=Py_ssize_t, value_at=Py_ssize_t, name_at=Py_ssize_t, tag=int)
cdef Py_ssize_t _take(Pdu pdu, list oids, list names, dict into) except -1

@cython.locals(walk=Column, each=Column)
cpdef list standing(list walks)

@cython.locals(walk=Column, row=bytes)
cpdef bytes shared_row(list walks)

cpdef Py_ssize_t fold(Pdu pdu, list walks) except -1

@cython.locals(columns=Py_ssize_t, place=Py_ssize_t, count=Py_ssize_t, size=Py_ssize_t,
               name_at=Py_ssize_t, value_at=Py_ssize_t, content_at=Py_ssize_t, row_at=Py_ssize_t,
               tag=int, walk=Column, index=bytes, before=bytes, here=bytes, text=str)
cdef Py_ssize_t _fold(bytes data, Py_ssize_t at, Py_ssize_t end, list walks) except -1

cdef bint _is_row(bytes data, Py_ssize_t name_at, Py_ssize_t value_at, bytes prefix) except -1

@cython.locals(place=Py_ssize_t)
cdef bint _equal(bytes data, Py_ssize_t at, bytes old, Py_ssize_t was, Py_ssize_t size) except -1

@cython.locals(stop=Py_ssize_t, name=Py_ssize_t, value_at=Py_ssize_t)
cdef (Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t) _span(
    bytes data, Py_ssize_t at, Py_ssize_t end) except *

@cython.locals(size=Py_ssize_t)
cdef bint _is(bytes data, Py_ssize_t at, Py_ssize_t stop, bytes index) except -1

cdef bint _follows(Column walk, bytes index, str text) except -1

cdef object _cap(Column walk)

cdef bint _after(bytes index, bytes last) except -1

cdef object _note(Column walk, int tag)

@cython.locals(size=Py_ssize_t)
cpdef object value_of(bytes data, int tag, Py_ssize_t at, Py_ssize_t stop)

@cython.locals(value=cython.ulonglong)
cdef object _unsigned(bytes data, Py_ssize_t at, Py_ssize_t stop)

@cython.locals(value=cython.longlong)
cdef object _signed(bytes data, Py_ssize_t at, Py_ssize_t stop)

cdef object _number(bytes data, Py_ssize_t at, Py_ssize_t stop)

@cython.locals(stop=Py_ssize_t)
cdef (Py_ssize_t, Py_ssize_t) _enter(bytes data, Py_ssize_t at, Py_ssize_t end, int tag) except *

@cython.locals(size=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _stop(bytes data, Py_ssize_t at, Py_ssize_t end, int tag) except -1

@cython.locals(size=Py_ssize_t)
cdef Py_ssize_t _content(bytes data, Py_ssize_t at) except -1

@cython.locals(octets=Py_ssize_t, size=Py_ssize_t, place=Py_ssize_t)
cdef (Py_ssize_t, Py_ssize_t) _long(bytes data, Py_ssize_t at) except *
