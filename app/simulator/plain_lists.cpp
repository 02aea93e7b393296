#include "app/simulator/plain_lists.hpp"

#include "app/simulator/json_text.hpp"
#include "app/simulator/query.hpp"
#include "app/simulator/rules.hpp"
#include "app/simulator/texts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace sluice::simulator {

namespace {

constexpr std::uint64_t most_a_page = 100;
constexpr std::uint64_t usual_page = 20;
/// 2024-01-01T00:00:00Z
constexpr std::int64_t first_update = 1'704'067'200;
constexpr std::int64_t between_updates = 3 * 3600;

std::string item(std::uint64_t i) {
  constexpr std::array<std::string_view, 4> colours{"red", "green", "blue", "white"};
  std::string out;
  object_writer body{out};
  body.number("id", i + 1);
  body.text("name", "Item " + std::to_string(i + 1));
  body.text("colour", colours[i % colours.size()]);
  body.raw("price", std::to_string(1 + i % 90) + ".50");
  body.boolean("in_stock", i % 7 != 0);
  body.text("updated_at", time_text(first_update + static_cast<std::int64_t>(i) * between_updates, "Z"));
  body.close();
  return out;
}

/// Which items are asked for.
struct part {
  std::uint64_t from = 0;
  std::uint64_t size = usual_page;
};

/// Nothing if a parameter is no number, or two ways of paging are mixed.
std::optional<part> part_of(const request_target& target) {
  auto number = [&target](std::string_view name, std::uint64_t otherwise) {
    const auto text = target.parameter(name);
    return text ? parse_number<std::uint64_t>(*text) : std::optional{otherwise};
  };
  const auto per_page = number("per_page", usual_page);
  const auto limit = number("limit", per_page.value_or(usual_page));
  const auto page = number("page", 1);
  const auto offset = number("offset", 0);
  const auto cursor = number("cursor", 0);
  if (!per_page || !limit || !page || !offset || !cursor || *limit == 0 || *page == 0 || *page > plain_items)
    return std::nullopt;
  part result;
  result.size = std::min(*limit, most_a_page);
  result.from = std::max({(*page - 1) * result.size, *offset, *cursor});
  return result;
}

} // namespace

std::optional<api_answer> plain_list_answer(const api_request& request) {
  const auto target = parse_target(request.target);
  if (target.segments != std::vector<std::string>{"lists", "items"})
    return std::nullopt;
  if (request.method != "GET")
    return error_answer(1061);
  const auto wanted = part_of(target);
  if (!wanted)
    return error_answer(1003);
  const auto from = std::min(wanted->from, plain_items);
  const auto to = std::min(from + wanted->size, plain_items);
  const bool more = to < plain_items;
  api_answer result;
  auto& out = result.body;
  object_writer list{out};
  list.key("items");
  out += '[';
  for (auto i = from; i < to; ++i)
    out += (i > from ? "," : "") + item(i);
  out += ']';
  list.number("total", plain_items);
  list.raw("next_page", more ? std::to_string(to / wanted->size + 1) : "null");
  list.raw("next_cursor", more ? simulator::quoted(std::to_string(to)) : "null");
  list.raw("next", more ? simulator::quoted(request.origin + target.path + "?offset=" + std::to_string(to)
                                            + "&limit=" + std::to_string(wanted->size))
                        : "null");
  list.close();
  return result;
}

} // namespace sluice::simulator
