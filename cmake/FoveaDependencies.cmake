# Everything comes from Debian 12 packages; scripts/setup installs them.

# Debian's interpreter, not another one on PATH: it is the one that has Debian's numpy.
if(PROJECT_IS_TOP_LEVEL AND NOT Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python3_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "The interpreter of tests and of the Python package")
endif()

# fovea_needs(PKG_CONFIG_NAME PACKAGE ...): what the library links. Whoever links the static one needs it too: the lines
# go into the installed FoveaConfig.cmake and the names into fovea.pc.
macro(fovea_needs pkg_config_name)
  find_package(${ARGN} REQUIRED)
  fovea_names(${pkg_config_name} ${ARGN})
endmacro()
macro(fovea_names pkg_config_name)
  string(REPLACE ";" " " words "${ARGN}")
  if(words)
    string(APPEND FOVEA_FIND_DEPENDENCIES "find_dependency(${words})\n")
  endif()
  string(APPEND FOVEA_PKG_CONFIG_NAMES "${pkg_config_name} ")
endmacro()

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)  # whoever adds Fovea as a folder links them too
find_package(Threads REQUIRED)
string(APPEND FOVEA_FIND_DEPENDENCIES "find_dependency(Threads)\n")
fovea_needs(fmt fmt 9)
fovea_needs(libpng PNG)
fovea_needs(zlib ZLIB)
fovea_needs(libjpeg JPEG)
fovea_needs(tomlplusplus tomlplusplus)
find_package(nlohmann_json 3.11 REQUIRED)  # headers alone
if(FOVEA_TOOL)
  find_package(CLI11 REQUIRED)
endif()
if(FOVEA_TESTS)
  find_package(GTest REQUIRED)
endif()
if(FOVEA_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

# ONNX and .npz are there when their libraries are; without them the tool says what to install.
set(FOVEA_ONNX OFF)
set(FOVEA_NPZ OFF)
if(NOT CMAKE_CROSSCOMPILING)
  find_package(Protobuf 3.21)
  find_file(FOVEA_ONNX_PROTO onnx/onnx.proto)
  if(Protobuf_FOUND AND FOVEA_ONNX_PROTO)
    set(FOVEA_ONNX ON)
    fovea_names(protobuf-lite Protobuf 3.21)
  endif()
  find_path(FOVEA_ZIP_INCLUDE zip.h)
  find_library(FOVEA_ZIP_LIBRARY zip)
  if(FOVEA_ZIP_INCLUDE AND FOVEA_ZIP_LIBRARY)
    set(FOVEA_NPZ ON)
    fovea_names(libzip)
  endif()
endif()
message(STATUS "ONNX: ${FOVEA_ONNX} (protobuf-compiler libprotobuf-dev libonnx-dev); npz: ${FOVEA_NPZ} (libzip-dev)")
