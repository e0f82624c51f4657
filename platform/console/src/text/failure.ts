/** The sentence shown for a failed call: the platform's own when it sent one, otherwise ours. */
import type { ApiError } from '../api/request';
import type { Language } from './language';
import type { Text } from './zh';

export function failureText(error: ApiError, language: Language, text: Text): string {
  const own = language === 'en' ? (error.textEn ?? error.textZh) : (error.textZh ?? error.textEn);
  if (own) return own;
  if (error.kind === 'refused') return text.failure.refused(error.status);
  return text.failure[error.kind];
}
