// Runs before anything shows, so that what only a script can work has its place from the first frame on.
document.documentElement.classList.add('js');
