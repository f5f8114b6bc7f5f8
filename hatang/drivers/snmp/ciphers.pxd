# Types for the compiler alone; the plain module beside this file runs without them.
cdef class AesPrivacy:
    cdef object _decryptor
    cdef object _encryptor
    cdef object _blocks
    cdef bytes _last
    cdef object _salt

    cpdef tuple encrypt(self, bytes plain, object boots, object time)
    cpdef bytes decrypt(self, bytes data, object boots, object time, bytes salt)
