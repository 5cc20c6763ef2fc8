"""Operations (операции): one use case per module, run by omstui.domain.runner."""
