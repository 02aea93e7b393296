#include "config/manifest/plan/slices.hpp"

#include "config/manifest/plan/plan.hpp"

#include <algorithm>

namespace sluice {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

template <class Question>
bool any_factor(const std::vector<slice_factor>& factors, const Question& question) {
  return std::any_of(factors.begin(), factors.end(),
                     [&question](const slice_factor& factor) { return std::visit(question, factor); });
}

} // namespace

std::vector<std::uint32_t> slice_space::feeding_edges() const {
  std::vector<std::uint32_t> result;
  for (const auto& factor : factors)
    std::visit(overloaded{
                 [&result](const parent_records& x) { result.insert(result.end(), x.edges.begin(), x.edges.end()); },
                 [](const time_windows&) { /* nop: nobody feeds time */ },
               },
               factor);
  return result;
}

bool slice_space::has_parents() const {
  return any_factor(factors, overloaded{
                               [](const parent_records&) { return true; },
                               [](const time_windows&) { return false; },
                             });
}

bool slice_space::has_partitions() const {
  return any_factor(factors, overloaded{
                               [](const parent_records&) { return true; },
                               [](const time_windows&) { return false; },
                             });
}

bool slice_space::has_windows() const {
  return any_factor(factors, overloaded{
                               [](const parent_records&) { return false; },
                               [](const time_windows&) { return true; },
                             });
}

const output& parent_output_of(const plan& p, const edge& x) {
  return p.endpoints[x.parent].outputs[x.parent_output];
}

std::string leading_field(const plan& p, const endpoint& e) {
  for (const auto& factor : e.slices.factors) {
    auto field = std::visit(overloaded{
                              [&p](const parent_records& x) { return p.edges[x.edges.front()].partition_field; },
                              [](const time_windows&) { return std::string{}; },
                            },
                            factor);
    if (!field.empty())
      return field;
  }
  return {};
}

const endpoint* partitioned_parent_of(const plan& p, const endpoint& e) {
  for (auto index : e.slices.feeding_edges())
    if (const auto& parent = p.endpoints[p.edges[index].parent]; parent.slices.has_partitions())
      return &parent;
  return nullptr;
}

} // namespace sluice
