#pragma once

#include "app/simulator/api.hpp"

#include <cstdint>
#include <optional>

namespace sluice::simulator {

/// Items of the plain list.
inline constexpr std::uint64_t plain_items = 250;

/// `GET /lists/items`: a list such as most APIs have, for manifests that somebody begins to write. It can be read in
/// each of the usual ways: `page` and `per_page`, `offset` and `limit`, `cursor` and `limit`, or by the link in `next`.
/// Nothing for other targets.
std::optional<api_answer> plain_list_answer(const api_request& request);

} // namespace sluice::simulator
