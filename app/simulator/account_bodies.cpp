// The JSON texts of an account. Shapes and key orders follow the real API's bodies.

#include "app/simulator/account.hpp"
#include "app/simulator/json_text.hpp"
#include "app/simulator/random.hpp"
#include "app/simulator/texts.hpp"

#include <algorithm>
#include <array>

namespace sluice::simulator {

namespace {

// The real API's own addresses, also here: links in records are data, not to be followed.
const std::string api = "https://api.surveymonkey.com/v3";
const std::string site = "https://www.surveymonkey.com";

/// Kinds of dice; apart from those that give the counts.
enum body_kind : std::uint64_t {
  titles = 100,
  styles,
  keys,
  stats,
  page_texts,
  question_texts,
  answers,
  collector_texts
};

std::string survey_url(const std::string& survey_id) {
  return api + "/surveys/" + survey_id;
}

/// Appends a field so that `out` with its closing brace has at least `bytes`. The text depends on `dice`.
void fill_up(object_writer& body, std::string& out, std::uint64_t bytes, std::uint64_t dice) {
  static const std::string filling = [] {
    // Packs well and fast: a client that asks for gzip is served as fast as one that does not.
    std::string text;
    for (int line = 0; line < 1000; ++line)
      text += "Line " + std::to_string(line) + " of a long and patient answer to a short question. ";
    return text;
  }();
  body.key("padding");
  out += '"';
  for (auto at = dice % (filling.size() / 2); out.size() + 2 < bytes; at = 0)
    out.append(filling, at, bytes - out.size() - 2);
  out += '"';
}

} // namespace

escape_style account::text_style(std::uint64_t number) const {
  constexpr std::array styles_used = {escape_style::minimal, escape_style::ascii, escape_style::slashes};
  return sizes_.tame ? escape_style::minimal : styles_used[number % styles_used.size()];
}

std::string account::words(std::uint64_t dice_number, unsigned count) const {
  return sizes_.tame ? plain_phrase(dice_number, count) : phrase(dice_number, count);
}

std::string_view account::number_text(std::uint64_t dice_number) const {
  return sizes_.tame ? usual_number(dice_number) : unusual_number(dice_number);
}

std::string account::survey_title(std::uint64_t survey) const {
  return words(dice(titles, survey), 3 + dice(titles, survey) % 4);
}

std::string account::survey_item(std::uint64_t survey, std::uint32_t fields) const {
  std::string out;
  auto style = text_style(dice(styles, survey));
  auto key = opaque_key(dice(keys, survey), 42) + "_3D";
  auto asked = [&](std::string_view name) { return (fields & survey_field_bit(name)) != 0; };
  object_writer item{out};
  item.text("id", survey_id(survey));
  item.text("title", survey_title(survey), style);
  item.text("nickname", survey % 3 == 0 ? "" : words(dice(titles, survey, 1), 2), style);
  item.text("href", survey_url(survey_id(survey)), style);
  if (asked("language"))
    item.text("language", language_code(dice(titles, survey, 2)));
  if (asked("question_count"))
    item.number("question_count", question_total(survey));
  if (asked("response_count"))
    item.number("response_count", responses(survey));
  if (asked("date_created"))
    item.text("date_created", time_text(survey_created(survey)));
  if (asked("date_modified"))
    item.text("date_modified", time_text(survey_modified(survey)));
  if (asked("analyze_url"))
    item.text("analyze_url", site + "/analyze/" + key, style);
  if (asked("preview"))
    item.text("preview", site + "/r/Preview/?sm=" + key, style);
  if (asked("collect_stats")) {
    item.key("collect_stats");
    object_writer numbers{out};
    numbers.number("total_count", collectors(survey));
    numbers.raw("status", R"({"open":)" + std::to_string(collectors(survey)) + R"(,"closed":0})");
    numbers.raw("type_count",
                collectors(survey) == 0 ? "{}" : R"({"weblink":)" + std::to_string(collectors(survey)) + "}");
    numbers.raw("completion_rate", number_text(dice(stats, survey)));
    numbers.close();
  }
  item.close();
  return out;
}

std::uint64_t account::question_total(std::uint64_t survey) const {
  std::uint64_t result = 0;
  for (std::uint32_t page = 0, n = pages(survey); page < n; ++page)
    result += questions(survey, page);
  return result;
}

void account::append_survey(std::string& out, std::uint64_t survey, bool with_pages) const {
  auto style = text_style(dice(styles, survey));
  auto key = opaque_key(dice(keys, survey), 42) + "_3D";
  auto number = dice(stats, survey, 1);
  object_writer body{out};
  auto append_pages = [&] {
    if (!with_pages)
      return;
    body.key("pages");
    out += '[';
    for (std::uint32_t page = 0, n = pages(survey); page < n; ++page) {
      if (page > 0)
        out += ',';
      append_page(out, survey, page, true);
    }
    out += ']';
  };
  body.text("title", survey_title(survey), style);
  body.text("nickname", survey % 3 == 0 ? "" : words(dice(titles, survey, 1), 2), style);
  body.text("language", language_code(dice(titles, survey, 2)));
  body.text("folder_id", "0");
  body.text("category", "");
  body.number("question_count", question_total(survey));
  body.number("page_count", pages(survey));
  body.number("response_count", responses(survey));
  body.text("date_created", time_text(survey_created(survey)));
  body.text("date_modified", time_text(survey_modified(survey)));
  body.text("id", survey_id(survey));
  // Key order is free in JSON: whoever removes `pages` must find it anywhere.
  bool pages_early = !sizes_.tame && survey % 4 == 3;
  if (pages_early)
    append_pages();
  body.raw(
    "buttons_text",
    R"({"next_button":"Next >>>>>","prev_button":"<<<<< \u041d\u0430\u0437\u0430\u0434","done_button":"Done!","exit_button":""})");
  body.boolean("is_owner", survey % 5 != 0);
  body.boolean("footer", survey % 2 == 0);
  if (survey % 7 == 0)
    body.raw("theme_id", "null");
  else
    body.text("theme_id", std::to_string(4'510'354 + survey % 90));
  if (!sizes_.tame && survey % 4 == 1)
    // Names that also exist further up or down, where other rules hold for them.
    body.raw("custom_variables", std::string{R"({"pages":[{"questions":[]}],"id":null,"a \"quoted\" key":)"}
                                   + std::string{number_text(number)} + R"(,"":"empty key","ключ":{}})");
  else
    body.raw("custom_variables", "{}");
  body.text("href", survey_url(survey_id(survey)), style);
  body.text("analyze_url", site + "/analyze/" + key, style);
  body.text("edit_url", site + "/create/?sm=" + key, style);
  body.text("collect_url", site + "/collect/list?sm=" + key, style);
  body.text("summary_url", site + "/summary/" + key, style);
  body.text("preview", site + "/r/Preview/?sm=" + key, style);
  if (!pages_early)
    append_pages();
  body.close();
}

std::string account::survey_body(std::uint64_t survey) const {
  std::string out;
  append_survey(out, survey, false);
  return out;
}

std::string account::survey_details(std::uint64_t survey) const {
  std::string out;
  append_survey(out, survey, true);
  return out;
}

void account::append_page(std::string& out, std::uint64_t survey, std::uint32_t page, bool with_questions) const {
  auto number = dice(page_texts, survey, page);
  auto style = text_style(dice(styles, survey));
  object_writer body{out};
  auto append_questions = [&] {
    if (!with_questions)
      return;
    body.key("questions");
    out += '[';
    for (std::uint32_t question = 0, n = questions(survey, page); question < n; ++question) {
      if (question > 0)
        out += ',';
      append_question(out, survey, page, question);
    }
    out += ']';
  };
  bool questions_first = !sizes_.tame && number % 5 == 0;
  if (questions_first)
    append_questions();
  body.text("title", page == 0 ? "" : words(number, 2), style);
  body.text("description", page == 0 ? "" : words(mix(number), 6), style);
  body.number("position", page + 1);
  body.number("question_count", questions(survey, page));
  body.text("id", page_id(survey, page));
  body.text("href", survey_url(survey_id(survey)) + "/pages/" + page_id(survey, page), style);
  if (!questions_first)
    append_questions();
  body.close();
}

std::string account::page_body(std::uint64_t survey, std::uint32_t page) const {
  std::string out;
  append_page(out, survey, page, false);
  return out;
}

void account::append_question(std::string& out, std::uint64_t survey, std::uint32_t page,
                              std::uint32_t question) const {
  constexpr std::array<std::string_view, 4> families = {"single_choice", "multiple_choice", "open_ended", "matrix"};
  constexpr std::array<std::string_view, 4> subtypes = {"vertical", "menu", "essay", "rating"};
  auto number = dice(question_texts, survey, page * 1000ULL + question);
  auto family = number % families.size();
  auto style = text_style(dice(styles, survey));
  object_writer body{out};
  body.text("id", question_id(survey, page, question));
  body.number("position", question + 1);
  body.boolean("visible", number % 9 != 0);
  body.text("family", families[family]);
  body.text("subtype", subtypes[family]);
  body.raw("layout", "null");
  body.raw("sorting", number % 4 == 0 ? R"({"type":"textasc","ignore_last":false})" : "null");
  body.raw("required",
           number % 3 == 0 ? R"({"text":"This question requires an answer.","type":"all","amount":"0"})" : "null");
  if (families[family] == "open_ended")
    body.raw("validation", R"({"type":"decimal","text":"","min":)" + std::string{number_text(mix(number))}
                             + R"(,"max":1e2,"sum":null,"sum_text":""})");
  else
    body.raw("validation", "null");
  body.boolean("forced_ranking", false);
  body.raw("headings", R"([{"heading":)" + quoted(words(number, 7), style) + "}]");
  body.text("href",
            survey_url(survey_id(survey)) + "/pages/" + page_id(survey, page) + "/questions/"
              + question_id(survey, page, question),
            style);
  if (families[family] != "open_ended") {
    body.key("answers");
    object_writer answer{out};
    answer.key("choices");
    out += '[';
    for (std::uint32_t i = 0; i < 2 + number % 3; ++i) {
      if (i > 0)
        out += ',';
      object_writer choice{out};
      choice.number("position", i + 1);
      choice.boolean("visible", true);
      choice.text("text", words(mix({number, i}), 4), style);
      choice.raw("quiz_options", R"({"score":)" + std::string{number_text(mix({number, i, 1}))} + "}");
      choice.text("id", choice_id(survey, page, question, i));
      choice.close();
    }
    out += ']';
    if (families[family] == "matrix")
      answer.raw("rows",
                 R"([{"position":1,"visible":true,"text":"","id":")" + choice_id(survey, page, question, 7) + R"("}])");
    answer.close();
  }
  body.close();
}

std::string account::question_body(std::uint64_t survey, std::uint32_t page, std::uint32_t question) const {
  std::string out;
  append_question(out, survey, page, question);
  return out;
}

std::string account::response_item(std::uint64_t survey, std::uint32_t response) const {
  std::string out;
  out.reserve(sizes_.response_bytes);
  object_writer item{out};
  auto id = response_id(survey, response);
  item.text("id", id);
  item.text("href", survey_url(survey_id(survey)) + "/responses/" + id, text_style(dice(styles, survey)));
  if (sizes_.response_bytes > 0)
    fill_up(item, out, sizes_.response_bytes, dice(answers, survey, response));
  item.close();
  return out;
}

std::string account::response_body(std::uint64_t survey, std::uint32_t response) const {
  std::string out;
  out.reserve(sizes_.response_bytes);
  auto number = dice(answers, survey, response);
  auto id = response_id(survey, response);
  auto key = opaque_key(number, 64);
  auto modified = response_modified(survey, response);
  auto seconds = number % 600;
  auto count = collectors(survey);
  object_writer body{out};
  body.text("id", id);
  body.text("recipient_id", "");
  body.text("collection_mode", "default");
  body.text("response_status", number % 6 == 0 ? "partial" : "completed");
  body.text("custom_value", "");
  body.text("first_name", number % 4 == 0 ? words(number, 1) : "");
  body.text("last_name", "");
  body.text("email_address", "");
  body.text("ip_address", "203.0.113." + std::to_string(number % 256));
  body.raw("logic_path", "{}");
  body.raw("metadata", R"({"contact":{}})");
  body.raw("page_path", "[]");
  body.text("collector_id", count == 0 ? "" : collector_id(survey, response % count));
  body.text("survey_id", survey_id(survey));
  body.raw("custom_variables", "{}");
  body.raw("quiz_results", R"({"correct":0,"score":)" + std::string{number_text(number)} + R"(,"total_score":1.50})");
  body.text("edit_url", site + "/r/?sm=" + key);
  body.text("analyze_url", site + "/analyze/browse/" + opaque_key(dice(keys, survey), 42) + "_3D?respondent_id=" + id);
  body.number("total_time", seconds);
  body.text("date_modified", time_text(modified, "+00:00"));
  body.text("date_created",
            time_text(std::max<std::int64_t>(0, modified - static_cast<std::int64_t>(seconds)), "+00:00"));
  body.text("href", survey_url(survey_id(survey)) + "/responses/" + id);
  body.key("pages");
  out += '[';
  for (std::uint32_t page = 0, n = pages(survey); page < n; ++page) {
    if (page > 0)
      out += ',';
    object_writer answered{out};
    answered.text("id", page_id(survey, page));
    answered.key("questions");
    out += '[';
    for (std::uint32_t question = 0, m = questions(survey, page); question < m; ++question) {
      auto choice = mix({number, page, question});
      if (question > 0)
        out += ',';
      out += R"({"id":")" + question_id(survey, page, question) + R"(","answers":[)";
      if (choice % 3 == 0)
        out += R"({"text":)" + quoted(words(choice, 5), text_style(choice)) + "}";
      else
        out += R"({"choice_id":")" + choice_id(survey, page, question, choice % 2) + R"("})";
      out += "]}";
    }
    out += ']';
    answered.close();
  }
  out += ']';
  if (sizes_.response_bytes > 0)
    fill_up(body, out, sizes_.response_bytes, number);
  body.close();
  return out;
}

std::string account::collector_item(std::uint64_t survey, std::uint32_t collector) const {
  std::string out;
  object_writer item{out};
  item.text("name", words(dice(collector_texts, survey, collector), 2), text_style(dice(styles, survey)));
  item.text("id", collector_id(survey, collector));
  item.text("href", api + "/collectors/" + collector_id(survey, collector), text_style(dice(styles, survey)));
  item.close();
  return out;
}

std::string account::collector_body(std::uint64_t survey, std::uint32_t collector) const {
  std::string out;
  auto number = dice(collector_texts, survey, collector);
  auto style = text_style(dice(styles, survey));
  auto id = collector_id(survey, collector);
  object_writer body{out};
  body.text("status", number % 4 == 0 ? "closed" : "open");
  body.text("id", id);
  body.text("survey_id", survey_id(survey));
  body.text("type", "weblink");
  body.text("name", words(number, 2), style);
  body.text("thank_you_message", "Thank you for submitting your responses!");
  body.raw("thank_you_page", R"({"is_enabled":false,"message":"Thank you for submitting your responses!"})");
  body.text("disqualification_type", "message");
  body.text("disqualification_message", "Thank you for completing our survey!");
  body.text("disqualification_url", site, style);
  body.text("closed_page_message",
            "This survey is currently closed.  Please contact the author of this survey for further assistance.");
  body.text("redirect_type", "url");
  body.text("redirect_url", site, style);
  body.boolean("display_survey_results", false);
  body.text("edit_response_type", "until_complete");
  body.text("anonymous_type", "not_anonymous");
  body.boolean("allow_multiple_responses", number % 2 == 0);
  body.text("date_modified", time_text(survey_modified(survey), "+00:00"));
  body.text("date_created", time_text(survey_created(survey), "+00:00"));
  body.number("response_count", first_responses(survey) / collectors(survey));
  body.boolean("password_enabled", false);
  body.raw("response_limit", number % 5 == 0 ? number_text(mix(number)) : "null");
  body.boolean("respondent_authentication", false);
  body.raw("sender_email", "null");
  body.raw("close_date", "null");
  body.text("url", site + "/r/" + opaque_key(number, 7), style);
  body.text("href", api + "/collectors/" + id, style);
  body.close();
  return out;
}

std::string account::user_body() const {
  std::string out;
  object_writer body{out};
  body.text("id", std::to_string(100'000'000 + mix(sizes_.seed) % 900'000'000));
  body.text("username", "simulated");
  body.text("first_name", "Simulated");
  body.text("last_name", "Account");
  body.text("account_type", "basic");
  body.text("language", "en");
  body.text("email", "simulated@example.com");
  body.raw("scopes",
           R"({"available":["surveys_read","responses_read","responses_read_detail","collectors_read","users_read"],)"
           R"("granted":["surveys_read","responses_read","responses_read_detail","collectors_read","users_read"]})");
  body.text("href", api + "/users/me");
  body.close();
  return out;
}

} // namespace sluice::simulator
