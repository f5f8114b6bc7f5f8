# Types for the compiler alone; the plain module beside this file runs without them.
import cython

@cython.locals(value=cython.ulonglong, prime=cython.ulonglong, mask=cython.ulonglong, byte=cython.uchar)
cpdef object fnv1a(bytes data)
