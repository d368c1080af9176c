# Dependencies: what is missing ends the configuration with the name of the
# Debian package that has it and what kerma needs it for.

function(kerma_missing what)
  cmake_parse_arguments(R "" "DEBIAN;FOR" "" ${ARGN})
  message(FATAL_ERROR "${what} was not found. kerma needs it for ${R_FOR}.\n"
    "On Debian: apt-get install ${R_DEBIAN}\n"
    "Elsewhere: point CMAKE_PREFIX_PATH to where it is installed.")
endfunction()

# kerma_require_package(ZLIB DEBIAN zlib1g-dev FOR "why")
# A macro: find_package sets its variables in the caller's scope.
macro(kerma_require_package name)
  find_package(${name} QUIET)
  if(NOT ${name}_FOUND)
    kerma_missing(${name} ${ARGN})
  endif()
endmacro()

# kerma_require_pkgconfig(XRL libxrl DEBIAN libxrl-dev FOR "why") makes PkgConfig::XRL.
macro(kerma_require_pkgconfig prefix module)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  if(NOT ${prefix}_FOUND)
    kerma_missing(${module} ${ARGN})
  endif()
endmacro()

# kerma_require_header(VARIABLE path/to/header.h DEBIAN package FOR "why") finds its folder.
function(kerma_require_header variable header)
  find_path(${variable} ${header})
  mark_as_advanced(${variable})
  if(NOT ${variable})
    kerma_missing(${header} ${ARGN})
  endif()
endfunction()
