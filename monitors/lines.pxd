# Types for the compiler alone; the plain module beside this file runs without them.
import cython

@cython.locals(before=str, found=list, index=str, labels=str)
cpdef str lines(str name, dict rows, object cells)
