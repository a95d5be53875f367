// What a shared library shows of itself: all that a public header declares, in `namespace fovea FOVEA_API {`. Public
// headers are those that a room lists under HEADERS; they are installed. Everything else is hidden.
#pragma once

#define FOVEA_API __attribute__((visibility("default")))
