$inner = Import-Module -Assembly ([ImageCache.LoadContext]::Initialize()) -PassThru
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module $inner -Force }
