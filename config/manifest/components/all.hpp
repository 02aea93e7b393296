#pragma once

// The whole language. Families name each other's components, so what reads them includes them all.

#include "config/manifest/components/auth.hpp"
#include "config/manifest/components/bodies.hpp"
#include "config/manifest/components/cursors.hpp"
#include "config/manifest/components/decoders.hpp"
#include "config/manifest/components/delegation.hpp"
#include "config/manifest/components/errors.hpp"
#include "config/manifest/components/limits.hpp"
#include "config/manifest/components/normalization.hpp"
#include "config/manifest/components/pages.hpp"
#include "config/manifest/components/records.hpp"
#include "config/manifest/components/requests.hpp"
#include "config/manifest/components/schemas.hpp"
#include "config/manifest/components/slices.hpp"
#include "config/manifest/components/source.hpp"
