#pragma once

#include "config/manifest/plan/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Takes records apart: in place of a record stand the elements of lists in it (`record_expansion`), with what they get
/// of the record around. Serves record after record.
class record_expander {
public:
  explicit record_expander(const record_expansion& how) : how_(how) {}

  /// Calls `f(element, made)` for each element of the record `around`, in its order: the element as it stands there,
  /// and what is made of it, which is good until the next; both are JSON texts. Where a record without elements stays,
  /// it is both. `f` returns false to end it. Returns an empty text, or what stands in the way of a field that elements
  /// are to get.
  template <class F>
  std::string run(std::string_view around, F&& f) {
    begin(around);
    for (auto element : elements_) {
      if (auto problem = make(element); !problem.empty())
        return problem;
      if (!f(element, made_))
        return {};
    }
    if (elements_.empty() && how_.keeps_childless)
      f(around, around);
    return {};
  }

  /// The record says that its lists are cut short.
  bool is_truncated(std::string_view around) const;

private:
  void begin(std::string_view around);
  std::string make(std::string_view element);

  const record_expansion& how_;
  std::string_view around_;
  std::vector<std::string_view> elements_;
  /// What elements have in common: the record around without its lists.
  std::string shared_;
  /// What the element at hand is made into: it itself, or a text of our own.
  std::string_view made_;
  std::string text_;
};

} // namespace sluice
