#ifndef SWITCHBOARD_CZLIB_H
#define SWITCHBOARD_CZLIB_H

#include <zlib.h>

#endif
