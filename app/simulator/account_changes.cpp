// How an account changes while it is read.

#include "app/simulator/account.hpp"
#include "app/simulator/random.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::simulator {

namespace {

/// Ids stay unique up to here.
constexpr std::uint64_t most_added = 1'000'000;

} // namespace

/// The first one from a number on that is there, beginning anew behind the last.
std::optional<std::uint64_t> account::some_survey(std::uint64_t number, bool with_responses) const {
  auto count = sizes_.surveys + survey_changes_.added();
  for (std::uint64_t i = 0; i < count; ++i)
    if (auto survey = (number % count + i) % count;
        !survey_changes_.is_removed(survey) && (!with_responses || responses(survey) > 0))
      return survey;
  return std::nullopt;
}

std::optional<std::uint64_t> account::some_response(std::uint64_t survey, std::uint64_t number) const {
  const auto& changed = response_changes(survey);
  auto count = first_responses(survey) + changed.added();
  for (std::uint64_t i = 0; i < count; ++i)
    if (auto response = (number % count + i) % count; !changed.is_removed(response))
      return response;
  return std::nullopt;
}

bool account::mutate(const mutation& m) {
  auto time = std::max({m.time, last_change_, sizes_.last_modified + 1});
  auto change = changes_ + 1;
  if (m.kind == mutation_kind::add_survey) {
    if (survey_changes_.added() >= most_added)
      return false;
    survey_changes_.add(sizes_.surveys + survey_changes_.added(), change, time);
  } else {
    bool of_response = m.kind == mutation_kind::modify_response || m.kind == mutation_kind::delete_response;
    auto survey = m.survey ? m.survey : some_survey(m.dice, of_response);
    if (!survey)
      return false;
    if (m.kind == mutation_kind::modify_survey) {
      survey_changes_.modify(*survey, change, time);
    } else if (m.kind == mutation_kind::delete_survey) {
      survey_changes_.remove(*survey, change);
    } else if (m.kind == mutation_kind::add_response) {
      auto count = first_responses(*survey) + response_changes(*survey).added();
      if (count >= most_responses)
        return false;
      response_changes_[*survey].add(count, change, time);
    } else {
      auto response = some_response(*survey, mix(m.dice));
      if (!response)
        return false;
      if (m.kind == mutation_kind::modify_response)
        response_changes_[*survey].modify(*response, change, time);
      else
        response_changes_[*survey].remove(*response, change);
    }
  }
  changes_ = change;
  last_change_ = time;
  return true;
}

bool account::for_each_lasting(std::string_view stream, std::uint64_t since, bool untouched,
                               const std::function<void(const std::string&)>& sink) const {
  if (std::find(std::begin(stream_names), std::end(stream_names), stream) == std::end(stream_names))
    return false;
  auto wanted = [&](const row_changes& changed, std::uint64_t row) {
    return changed.lasts(row, since) && (!untouched || changed.untouched(row, since));
  };
  for (std::uint64_t survey = 0, n = sizes_.surveys + survey_changes_.added(); survey < n; ++survey) {
    if (!wanted(survey_changes_, survey))
      continue;
    if (stream == "surveys" || stream == "survey_details") {
      sink(survey_id(survey));
    } else if (stream == "survey_responses" || stream == "survey_responses_bulk") {
      const auto& changed = response_changes(survey);
      for (std::uint64_t i = 0, m = first_responses(survey) + changed.added(); i < m; ++i)
        if (wanted(changed, i))
          sink(response_id(survey, static_cast<std::uint32_t>(i)));
    } else if (stream == "survey_collectors" || stream == "collectors") {
      for (std::uint32_t i = 0, m = collectors(survey); i < m; ++i)
        sink(collector_id(survey, i));
    } else {
      for (std::uint32_t page = 0, m = pages(survey); page < m; ++page) {
        if (stream == "survey_pages")
          sink(page_id(survey, page));
        for (std::uint32_t i = 0, k = stream == "survey_questions" ? questions(survey, page) : 0; i < k; ++i)
          sink(question_id(survey, page, i));
      }
    }
  }
  return true;
}

} // namespace sluice::simulator
