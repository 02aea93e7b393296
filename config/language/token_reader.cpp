#include "config/language/token_reader.hpp"

namespace sluice::language::detail {

expression_ptr token_reader::fail(std::size_t at, std::string message) {
  if (!error_)
    error_ = syntax_error{std::move(message), at};
  next_ = tokens_->size() - 1;
  return std::make_unique<expression>();
}

expression_ptr token_reader::fail_unexpected(const std::string& wanted) {
  auto found = current().kind == token_kind::end      ? std::string{"the expression ends"}
               : current().kind == token_kind::string ? std::string{"a string stands"}
                                                      : "'" + current().text + "' stands";
  return fail(current().at, found + " where " + wanted + " is expected");
}

bool token_reader::skip_symbol(std::string_view text) {
  bool found = is_symbol(text);
  if (found)
    advance();
  return found;
}

bool token_reader::skip_name(std::string_view text) {
  bool found = is_name(text);
  if (found)
    advance();
  return found;
}

void token_reader::expect_symbol(std::string_view text) {
  if (!skip_symbol(text))
    fail_unexpected("'" + std::string{text} + "'");
}

std::string token_reader::expect_name(const char* what) {
  if (current().kind != token_kind::name) {
    fail_unexpected(what);
    return {};
  }
  auto name = current().text;
  advance();
  return name;
}

} // namespace sluice::language::detail
