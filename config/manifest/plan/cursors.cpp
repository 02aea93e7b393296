#include "config/manifest/plan/cursors.hpp"

namespace sluice {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days day_of(language::instant t) {
  return std::chrono::floor<days>(t);
}

} // namespace

language::instant window_clamp::floor(language::instant t) const {
  const auto day = day_of(t);
  switch (target) {
    case period::week:
      return day - (std::chrono::weekday{day} - week_begins);
    case period::month: {
      const year_month_day date{day};
      return sys_days{date.year() / date.month() / 1};
    }
    default:
      return day;
  }
}

language::instant window_clamp::ceiling(language::instant t) const {
  const auto day = day_of(t);
  switch (target) {
    case period::week:
      return day + (week_begins - std::chrono::weekday{day});
    case period::month: {
      const year_month_day date{day};
      const auto next = date.year() / date.month() + std::chrono::months{1};
      return date.day() == std::chrono::day{1} ? day : sys_days{next / 1};
    }
    default:
      return t == day ? day : day + days{1};
  }
}

} // namespace sluice
