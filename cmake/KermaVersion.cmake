# The one place where versions are written. They never come from git.
#
# libtool's rule for the library's interface:
#   code only -> revision+1;  functions added -> current+1, revision 0, age+1;
#   functions changed or removed -> current+1, revision 0, age 0
set(KERMA_VERSION 0.1.0)
set(KERMA_ABI_CURRENT 1)
set(KERMA_ABI_REVISION 0)
set(KERMA_ABI_AGE 1)
math(EXPR KERMA_SOVERSION "${KERMA_ABI_CURRENT} - ${KERMA_ABI_AGE}")
