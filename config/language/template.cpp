#include "config/language/template.hpp"

#include "config/language/context.hpp"
#include "config/language/evaluator.hpp"
#include "config/language/executor.hpp"
#include "config/language/literal.hpp"
#include "config/language/parser.hpp"
#include "config/language/statement.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice::language {

namespace {

using detail::program;

/// The line and column (from 1, in characters) of a byte position, and the source around it.
std::string locate(std::string_view source, std::size_t at) {
  at = std::min(at, source.size());
  auto before = source.substr(0, at);
  auto line_start = before.rfind('\n') + 1; // npos + 1 is 0
  auto column = utf8_length(before.substr(line_start)) + 1;
  std::string place = "column " + std::to_string(column);
  if (source.find('\n') != std::string_view::npos)
    place = "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) + ", " + place;
  constexpr std::size_t shown = 120;
  auto first = at > shown / 2 && source.size() > shown ? std::min(at - shown / 2, source.size() - shown) : 0;
  auto last = std::min(first + shown, source.size());
  // Not in the middle of a character.
  auto is_tail = [&](std::size_t i) { return (static_cast<unsigned char>(source[i]) & 0xC0) == 0x80; };
  while (first > 0 && is_tail(first))
    --first;
  while (last < source.size() && is_tail(last))
    ++last;
  return place + " of " + (first > 0 ? "..." : "") + std::string{source.substr(first, last - first)}
         + (last < source.size() ? "..." : "");
}

tl::unexpected<error> not_valid(std::string_view source, const detail::syntax_error& e) {
  return fail(errc::bad_template, failure_type::config_error,
              "A template is not valid: " + e.message + ", at " + locate(source, e.at)
                + ". Correct it in the manifest.");
}

error not_evaluated(const program& p, const detail::evaluation_error& e) {
  return error{e.kind == detail::error_kind::interrupted ? errc::interrupted : errc::bad_template,
               failure_type::system_error,
               "A template cannot be evaluated: " + e.message + ", at " + locate(p.source, e.at.value_or(0)) + ".",
               {}};
}

/// The only expression, if the template is nothing else.
const detail::expression* single_expression(const program& p) {
  return p.parts.size() == 1 ? p.parts.front().expr.get() : nullptr;
}

/// The reference's filter `string` marks its result with quotes for literal evaluation.
bool ends_with_string_filter(const detail::expression& e) {
  auto* call = std::get_if<detail::filter_call>(&e.node);
  return call != nullptr && call->filter->name == "string";
}

detail::result<std::string> render_program(const program& p, const scope& s, const value* parameters) {
  detail::context c{s, parameters};
  auto text = detail::execute(c, p);
  if (!text && text.error().kind == detail::error_kind::type)
    return p.source;
  auto* single = single_expression(p);
  if (text && single != nullptr && ends_with_string_filter(*single) && text->starts_with("\"\"\""))
    return to_text(detail::literal_or_text(std::move(*text)));
  return text;
}

/// What an expression's value becomes on its way through text and literal evaluation.
detail::result<value> evaluate_single(const detail::object& x, detail::context& c) {
  if (detail::weight(x, detail::limits::result + 1) > detail::limits::result)
    return detail::refuse("the result is larger than 16 MiB");
  if (auto direct = detail::evaluate_directly(x))
    return std::move(*direct);
  return c.text_of(x).map([](std::string text) { return detail::literal_or_text(std::move(text)); });
}

detail::result<value> evaluate_program(const program& p, const scope& s, const value* parameters) {
  detail::context c{s, parameters};
  detail::result<value> x;
  if (auto* single = single_expression(p)) {
    x = detail::evaluate(c, *single).and_then([&](const detail::object& found) { return evaluate_single(found, c); });
    if (!x && !x.error().at)
      x.error().at = single->at;
  } else {
    x = detail::execute(c, p).map([](std::string text) { return detail::literal_or_text(std::move(text)); });
  }
  if (!x && x.error().kind == detail::error_kind::type)
    return value{p.source};
  return x;
}

/// What a template gives to a header or parameter: nothing for what is empty, undefined, or means None.
detail::result<std::optional<std::string>> render_given(const program& p, const scope& s, const value* parameters) {
  auto text = render_program(p, s, parameters);
  if (!text && text.error().kind != detail::error_kind::undefined)
    return tl::unexpected(text.error());
  bool given = text && !text->empty();
  // Short ways to write None have brackets, blanks and comments.
  if (given && text->find("None") != std::string::npos)
    given = !detail::literal_or_text(*text).is_none();
  return given ? std::optional{std::move(*text)} : std::nullopt;
}

/// A text in Python's quotes without them.
std::string unquoted(std::string text) {
  constexpr char_set quotes{"'\""};
  if (quotes.find_in(text) < text.size()) { // most texts have none
    if (auto x = detail::parse_literal(text); x && x->as_string() != nullptr)
      return *x->as_string();
  }
  return text;
}

const std::shared_ptr<const program>& empty_program() {
  static const auto empty = std::make_shared<const program>();
  return empty;
}

} // namespace

// -- scope -------------------------------------------------------------------------

void scope::put(variable v) {
  for (auto& known : variables_) {
    if (known.name == v.name) {
      known = std::move(v);
      return;
    }
  }
  constexpr std::size_t usual = 8;
  if (variables_.empty())
    variables_.reserve(usual);
  variables_.push_back(std::move(v));
}

void scope::set(std::string_view name, value x) {
  put({name, std::move(x), nullptr});
}

void scope::set_quote(std::vector<std::string_view> names, std::string (*how)(std::string_view)) {
  quoted_ = std::move(names);
  quote_ = how;
}

auto scope::quote_of(std::string_view name) const noexcept -> std::string (*)(std::string_view) {
  return std::find(quoted_.begin(), quoted_.end(), name) == quoted_.end() ? nullptr : quote_;
}

void scope::set_lazy(std::string_view name, std::function<value()> make) {
  put({name, value{}, std::move(make)});
}

const value* scope::find(std::string_view name) const {
  for (auto& known : variables_) {
    if (known.name != name)
      continue;
    if (known.make)
      known.x = std::exchange(known.make, nullptr)();
    return &known.x;
  }
  return nullptr;
}

std::chrono::sys_time<std::chrono::microseconds> scope::now() const {
  if (has_now_)
    return now_;
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void scope::set_now(std::chrono::sys_time<std::chrono::microseconds> t) {
  now_ = t;
  has_now_ = true;
}

// -- text_template -----------------------------------------------------------------

text_template::text_template() : program_(empty_program()) {}

expected<text_template> text_template::parse(std::string_view source, const std::vector<std::string>& allowed) {
  if (source.size() > detail::limits::source)
    return not_valid(source.substr(0, 60), {"it is longer than 64 KiB", 0});
  if (!is_valid_utf8(source))
    return fail(errc::bad_template, failure_type::config_error,
                "A template is not valid: it is not UTF-8 text. Correct it in the manifest.");
  auto compiled = detail::parse_template(source, allowed);
  if (!compiled)
    return not_valid(source, compiled.error());
  text_template result;
  result.program_ = std::move(*compiled);
  return result;
}

text_template text_template::literal(std::string text) {
  auto compiled = std::make_shared<program>();
  compiled->source = text;
  compiled->parts.push_back({std::move(text), nullptr, nullptr});
  text_template result;
  result.program_ = std::move(compiled);
  return result;
}

expected<std::string> text_template::render(const scope& s) const {
  return render_program(*program_, s, parameters_.get()).map_error([this](const auto& e) {
    return not_evaluated(*program_, e);
  });
}

expected<std::optional<std::string>> text_template::render_optional(const scope& s) const {
  auto text = render_given(*program_, s, parameters_.get());
  if (!text)
    return tl::unexpected(not_evaluated(*program_, text.error()));
  return *text ? std::optional{unquoted(std::move(**text))} : std::nullopt;
}

expected<std::vector<std::string>> text_template::render_values(const scope& s) const {
  auto text = render_given(*program_, s, parameters_.get());
  if (!text)
    return tl::unexpected(not_evaluated(*program_, text.error()));
  std::vector<std::string> values;
  if (*text) {
    if (auto elements = list_elements(**text))
      return std::move(*elements);
    values.push_back(unquoted(std::move(**text)));
  }
  return values;
}

expected<std::string> text_template::render_string(const scope& s) const {
  return render(s).map(unquoted);
}

expected<value> text_template::evaluate(const scope& s) const {
  return evaluate_program(*program_, s, parameters_.get()).map_error([this](const auto& e) {
    return not_evaluated(*program_, e);
  });
}

expected<value> text_template::evaluate_given(const scope& s) const {
  auto x = evaluate_program(*program_, s, parameters_.get());
  if (!x && x.error().kind != detail::error_kind::undefined)
    return tl::unexpected(not_evaluated(*program_, x.error()));
  const bool given = x && !(x->as_string() != nullptr && x->as_string()->empty());
  return given ? std::move(*x) : value{};
}

bool text_template::is_literal() const noexcept {
  return std::all_of(program_->parts.begin(), program_->parts.end(),
                     [](auto& part) { return part.expr == nullptr && part.what == nullptr; });
}

text_template text_template::with_parameters(value parameters) const {
  auto result = *this;
  result.parameters_ = std::make_shared<const value>(std::move(parameters));
  return result;
}

bool text_template::operator==(const text_template& x) const {
  return source() == x.source() && is_literal() == x.is_literal()
         && (parameters_ ? *parameters_ : value{}) == (x.parameters_ ? *x.parameters_ : value{});
}

const std::string& text_template::source() const noexcept {
  return program_->source;
}

std::vector<reference> text_template::references(std::string_view name) const {
  std::vector<reference> found;
  std::vector<const detail::expression*> expressions;
  detail::collect_expressions(program_->parts, expressions);
  for (auto* e : expressions)
    detail::collect_references(*e, name, found);
  return found;
}

// -- condition -----------------------------------------------------------------------

namespace {

/// What the reference's InterpolatedBoolean takes for false.
bool holds(const value& x) {
  if (auto* text = x.as_string()) {
    static constexpr std::string_view false_texts[] = {"False", "false", "{}", "[]", "()", "", "0", "0.0"};
    return std::find(std::begin(false_texts), std::end(false_texts), *text) == std::end(false_texts);
  }
  return truthy(x);
}

thread_local const std::atomic<bool>* stop_of_thread = nullptr;

} // namespace

condition::condition() = default;

expected<condition> condition::parse(std::string_view source, const std::vector<std::string>& allowed) {
  return text_template::parse(source, allowed).map([](text_template t) {
    condition result;
    result.template_ = std::move(t);
    return result;
  });
}

expected<bool> condition::evaluate(const scope& s) const {
  auto& p = *template_.program_;
  detail::context c{s, template_.parameters_.get()};
  detail::result<bool> x;
  if (auto* single = single_expression(p)) {
    // A list or dict, which may be large, is decided by its size alone.
    x = detail::evaluate(c, *single).and_then([&](const detail::object& found) -> detail::result<bool> {
      if (found.is_list() || found.is_dict())
        return detail::truthy(found);
      if (found.is_generator() || found.as_entity() != nullptr) // their text is never empty
        return true;
      return evaluate_single(found, c).map(holds);
    });
    if (!x && !x.error().at)
      x.error().at = single->at;
  } else {
    x = detail::execute(c, p).map([](std::string text) { return holds(detail::literal_or_text(std::move(text))); });
  }
  using kind = detail::error_kind;
  if (!x && x.error().kind != kind::undefined && x.error().kind != kind::type)
    return tl::unexpected(not_evaluated(p, x.error()));
  return x ? *x : x.error().kind == kind::type;
}

condition condition::with_parameters(value parameters) const {
  condition result;
  result.template_ = template_.with_parameters(std::move(parameters));
  return result;
}

const std::string& condition::source() const noexcept {
  return template_.source();
}

std::vector<reference> condition::references(std::string_view name) const {
  return template_.references(name);
}

// -- texts that templates have rendered ----------------------------------------------

std::optional<std::vector<std::string>> list_elements(const std::string& text) {
  bool is_tuple = false;
  auto first = text.find_first_not_of(" \t\f");
  bool may_be = first != std::string::npos && text[first] == '[';
  auto x = may_be ? detail::parse_literal(text, &is_tuple) : std::nullopt;
  if (!x || x->as_list() == nullptr || is_tuple)
    return std::nullopt;
  std::vector<std::string> elements;
  for (auto& element : *x->as_list()) {
    if (!element.is_none())
      elements.push_back(to_text(element));
  }
  return elements;
}

bool is_dict_text(const std::string& text) {
  auto x = text.find('{') == std::string::npos ? std::nullopt : detail::parse_literal(text);
  return x && x->as_dict() != nullptr;
}

// -- evaluation_stop ------------------------------------------------------------------

evaluation_stop::evaluation_stop(const std::atomic<bool>* stop) noexcept
  : previous_(std::exchange(stop_of_thread, stop)) {}

evaluation_stop::~evaluation_stop() {
  stop_of_thread = previous_;
}

bool detail::evaluation_is_stopped() noexcept {
  return stop_of_thread != nullptr && stop_of_thread->load(std::memory_order_relaxed);
}

} // namespace sluice::language
