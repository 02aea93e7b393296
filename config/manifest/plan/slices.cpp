#include "config/manifest/plan/slices.hpp"

#include "config/manifest/plan/plan.hpp"

#include <algorithm>

namespace sluice {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
// Clang before 17, as in Debian 12, deduces no aggregate without it.
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

template <class Question>
bool any_factor(const std::vector<slice_factor>& factors, const Question& question) {
  return std::any_of(factors.begin(), factors.end(),
                     [&question](const slice_factor& factor) { return std::visit(question, factor); });
}

bool is_fed(const slice_factor& factor) {
  const auto origins = origins_of(factor);
  return std::any_of(origins.begin(), origins.end(),
                     [](const auto& x) { return std::holds_alternative<parent_records>(x); });
}

std::string first_field(const plan& p, const partition_origin& origin) {
  return std::visit(overloaded{
                      [&p](const parent_records& x) { return p.edges[x.edges.front()].partition_field; },
                      [](const list_values& x) { return x.field; },
                    },
                    origin);
}

/// A record of the factor's parents makes partitions that hold the parent's partition and nothing else.
constexpr overloaded makes_plain_children{
  [](const parent_records&) { return true; },     [](const list_values&) { return false; },
  [](const united_partitions&) { return false; }, [](const partition_groups&) { return false; },
  [](const time_windows&) { return false; },
};

} // namespace

std::vector<partition_origin> origins_of(const slice_factor& factor) {
  using origins = std::vector<partition_origin>;
  constexpr overloaded simple{
    [](const parent_records& x) { return origins{x}; },
    [](const list_values& x) { return origins{x}; },
    [](const united_partitions& x) { return x.of; },
  };
  return std::visit(overloaded{
                      simple,
                      [&simple](const partition_groups& x) { return std::visit(simple, x.of); },
                      [](const time_windows&) { return origins{}; },
                    },
                    factor);
}

std::vector<std::uint32_t> slice_space::feeding_edges() const {
  std::vector<std::uint32_t> result;
  for (const auto& factor : factors)
    for (const auto& origin : origins_of(factor))
      std::visit(overloaded{
                   [&result](const parent_records& x) { result.insert(result.end(), x.edges.begin(), x.edges.end()); },
                   [](const list_values&) { /* nop: nobody feeds a list */ },
                 },
                 origin);
  return result;
}

bool slice_space::has_parents() const {
  return std::any_of(factors.begin(), factors.end(), is_fed);
}

bool slice_space::has_partitions() const {
  return std::any_of(factors.begin(), factors.end(), [](const auto& x) { return !origins_of(x).empty(); });
}

bool slice_space::has_windows() const {
  return any_factor(factors, overloaded{
                               [](const parent_records&) { return false; },
                               [](const list_values&) { return false; },
                               [](const united_partitions&) { return false; },
                               [](const partition_groups&) { return false; },
                               [](const time_windows&) { return true; },
                             });
}

bool slice_space::has_groups() const {
  return any_factor(factors, overloaded{
                               [](const parent_records&) { return false; },
                               [](const list_values&) { return false; },
                               [](const united_partitions&) { return false; },
                               [](const partition_groups&) { return true; },
                               [](const time_windows&) { return false; },
                             });
}

bool slice_space::has_parent_state() const {
  return !is_product
         && any_factor(factors, overloaded{
                                  [](const parent_records&) { return true; },
                                  [](const list_values&) { return false; },
                                  [](const united_partitions&) { return true; },
                                  [](const partition_groups& x) { return !std::holds_alternative<list_values>(x.of); },
                                  [](const time_windows&) { return false; },
                                });
}

const output& parent_output_of(const plan& p, const edge& x) {
  return p.endpoints[x.parent].outputs[x.parent_output];
}

std::string leading_field(const plan& p, const endpoint& e) {
  for (const auto& factor : e.slices.factors)
    if (const auto origins = origins_of(factor); !origins.empty())
      return first_field(p, origins.front());
  return {};
}

std::vector<std::string> partition_fields(const plan& p, const slice_space& space) {
  std::vector<std::string> result;
  const auto add = [&result](const std::string& field) {
    if (std::find(result.begin(), result.end(), field) == result.end())
      result.push_back(field);
  };
  for (const auto& factor : space.factors)
    for (const auto& origin : origins_of(factor))
      std::visit(overloaded{
                   [&](const parent_records& x) {
                     for (auto index : x.edges)
                       add(p.edges[index].partition_field);
                   },
                   [&](const list_values& x) { add(x.field); },
                 },
                 origin);
  return result;
}

const endpoint* partitioned_parent_of(const plan& p, const endpoint& e) {
  const auto& factors = e.slices.factors;
  const auto makers
    = std::count_if(factors.begin(), factors.end(), [](const auto& x) { return !origins_of(x).empty(); });
  if (makers != 1 || !any_factor(factors, makes_plain_children))
    return nullptr;
  const endpoint* found = nullptr;
  for (auto index : e.slices.feeding_edges())
    if (const auto& parent = p.endpoints[p.edges[index].parent]; parent.slices.has_partitions()) {
      // Of two parents nobody knows whose partition a state names.
      if (found != nullptr)
        return nullptr;
      found = &parent;
    }
  // With a cursor a partition has many slices, and none of them ends it.
  return found == nullptr || found->cursor ? nullptr : found;
}

std::vector<std::string> other_factors(const slice_space& space) {
  std::vector<std::string> result;
  for (const auto& factor : space.factors) {
    for (const auto& origin : origins_of(factor))
      if (const auto* list = std::get_if<list_values>(&origin))
        result.push_back("value of " + list->field + ", " + std::to_string(list->values.size()) + " of them");
    if (const auto* groups = std::get_if<partition_groups>(&factor))
      result.push_back("group of " + std::to_string(groups->size));
  }
  return result;
}

bool names_parents(const slice_space& space) {
  return any_factor(space.factors,
                    overloaded{
                      [](const parent_records&) { return true; },
                      [](const list_values& x) { return x.are_parents; },
                      [](const united_partitions&) { return false; },
                      [](const partition_groups& x) { return std::holds_alternative<parent_records>(x.of); },
                      [](const time_windows&) { return false; },
                    });
}

} // namespace sluice
