#include "config/language/value.hpp"
