# The messages of ONNX as <fovea_onnx.pb.h>, made from the system's onnx.proto, for the target fovea, beside which this is included. The package is renamed, so
# that a program that also links libonnx or ONNX Runtime has each message once.
set(folder ${PROJECT_BINARY_DIR}/onnx_proto)
file(READ ${FOVEA_ONNX_PROTO} proto)
string(REPLACE "package onnx;" "package fovea.onnx.proto;" proto "${proto}")
file(CONFIGURE OUTPUT ${folder}/fovea_onnx.proto CONTENT "${proto}" @ONLY)
add_custom_command(
  OUTPUT ${folder}/fovea_onnx.pb.cc ${folder}/fovea_onnx.pb.h
  COMMAND protobuf::protoc --cpp_out=lite:${folder} -I ${folder} ${folder}/fovea_onnx.proto
  DEPENDS ${folder}/fovea_onnx.proto)
set(sources ${folder}/fovea_onnx.pb.cc ${folder}/fovea_onnx.pb.h)
set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "-w")
target_sources(fovea PRIVATE ${sources})
target_include_directories(fovea SYSTEM PRIVATE $<BUILD_INTERFACE:${folder}> ${Protobuf_INCLUDE_DIRS})
target_link_libraries(fovea PRIVATE protobuf::libprotobuf-lite)
